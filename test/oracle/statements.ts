// The form of a statement by itself: "exactly the members of that kind". What it may do is in rules.ts.

import { isPublicKey } from './block.js';
import { demand, fromB64, fromHex, utf8 } from './bytes.js';
import { depth, isObject, type Json, type JsonObject, jcs } from './jcs.js';

type Check = (value: Json) => void;
type Members = { [name: string]: Check };

const MEBIBYTE = 1024 * 1024;

const text: Check = (value) => {
  demand(typeof value === 'string', 'not a text');
  demand(!/\p{Control}/u.test(value), 'a text holds a control character');
};

const freeText: Check = (value) => {
  text(value);
  demand([...String(value)].length <= 200, 'a free text is longer than 200 characters');
};

const integer: Check = (value) => demand(typeof value === 'number', 'not an integer');

const difficulty: Check = (value) => demand(typeof value === 'number' && value <= 48, 'not a difficulty');

const boolean: Check = (value) => demand(typeof value === 'boolean', 'not true or false');

const publicKey: Check = (value) => {
  demand(typeof value === 'string' && isPublicKey(fromHex(value, 33)), 'not a public key');
};

const timestamp: Check = (value) => demand(typeof value === 'string' && isTimestamp(value), 'not a timestamp');

function hexOf(length: number): Check {
  return (value) => {
    demand(typeof value === 'string', 'not a text');
    fromHex(value, length);
  };
}

function b64Of(length: number): Check {
  return (value) => {
    demand(typeof value === 'string', 'not a text');
    fromB64(value, length);
  };
}

function listOf(check: Check, least: number): Check {
  return (value) => {
    demand(Array.isArray(value) && value.length >= least, 'not a list, or too short a one');
    value.forEach(check);
    value.forEach((one, at) => {
      demand(value.indexOf(one) === at, 'something is in the list twice');
    });
  };
}

const words: Check = (value) => {
  freeText(value);
  demand(value !== '', 'a reason is empty');
};

const positive: Check = (value) => demand(typeof value === 'number' && value >= 1, 'not an integer from 1');

function textLike(pattern: RegExp): Check {
  return (value) => demand(typeof value === 'string' && pattern.test(value), `not like ${pattern}`);
}

function pairs(value: Json): [number, number][] {
  demand(Array.isArray(value), 'not a list');
  for (const pair of value) {
    const fine = Array.isArray(pair) && pair.length === 2 && pair.every((item) => typeof item === 'number');
    demand(fine, 'not a pair of integers');
  }
  return value as [number, number][];
}

const places: Check = (value) => {
  const list = pairs(value);
  demand(list.length > 0, 'nothing is to be erased');
  list.slice(1).forEach(([block, position], at) => {
    const [blockBefore, positionBefore] = list[at]!;
    demand(block > blockBefore || (block === blockBefore && position > positionBefore), 'not in ascending order');
  });
};

const runs: Check = (value) => {
  const list = pairs(value);
  for (const [first, last] of list) demand(first <= last, 'a run of rows ends before it begins');
  list.slice(1).forEach(([first], at) => {
    demand(first > list[at]![1], 'runs of rows are not in order');
  });
};

const rules: Check = (value) => {
  demand(isObject(value), 'rules are no object');
  for (const [kind, rule] of Object.entries(value)) {
    demand(Object.hasOwn(KINDS, kind) && !UNRULED.includes(kind), `no rule can name ${kind}`);
    demand(isObject(rule), 'a rule is no object');
    demand(Object.keys(rule).sort().join() === 'from,threshold', 'a rule has other members');
    const { from = null, threshold = null } = rule;
    listOf(hexOf(33), 1)(from);
    demand(Array.isArray(from) && from.length <= 64, 'a rule names more than 64 keys');
    demand(typeof threshold === 'number' && threshold >= 1 && threshold <= from.length, 'not a threshold');
  }
};

const approvals: Check = (value) => {
  demand(Array.isArray(value) && value.length >= 1 && value.length <= 64, 'not 1 to 64 approvals');
  for (const approval of value) {
    demand(isObject(approval) && Object.keys(approval).sort().join() === 'by,signature', 'not an approval');
    hexOf(33)(approval.by!);
    hexOf(64)(approval.signature!);
  }
};

const KINDS: { [kind: string]: { required: Members; optional?: Members; either?: Members } } = {
  ledger: {
    required: {
      owner: publicKey,
      difficulty,
      nonce: hexOf(16),
      rules,
      recovery: listOf(publicKey, 0),
      audit: boolean,
    },
  },
  dataset: { required: { id: hexOf(16), keys: listOf(hexOf(16), 1) } },
  'dataset-keys': { required: { id: hexOf(16), keys: listOf(hexOf(16), 1) } },
  'dataset-end': { required: { id: hexOf(16), rows: integer } },
  amend: { required: { id: hexOf(16), row: positive, by: positive, reason: words } },
  grant: {
    required: { to: publicKey, enc: b64Of(65), wrapped: b64Of(48) },
    optional: { expires: timestamp, reason: freeText },
    either: { key_id: hexOf(16), role_key: hexOf(33) },
  },
  role: { required: { name: textLike(/^[a-z0-9][a-z0-9._-]{0,63}$/), public_key: publicKey } },
  revoke: { required: { from: hexOf(33), reason: words }, either: { key_id: hexOf(16), role_key: hexOf(33) } },
  writer: { required: { public_key: publicKey } },
  'writer-removed': { required: { public_key: publicKey } },
  owner: { required: { public_key: publicKey } },
  recovery: { required: { public_keys: listOf(publicKey, 0) } },
  rules: { required: { rules } },
  erase: { required: { entries: places, reason: words, basis: words } },
  access: {
    required: {
      id: hexOf(16),
      ledger: hexOf(32),
      by: publicKey,
      at: timestamp,
      purpose: textLike(/^[A-Z]{1,32}$/),
      dataset: hexOf(16),
      rows: runs,
      outcome: (value) => demand(value === 'permitted' || value === 'refused', 'no outcome'),
      signature: hexOf(64),
    },
  },
  audit: { required: { on: boolean } },
  'log-key': { required: { public_key: hexOf(32) } },
};

/** Kinds that no rule can name. */
const UNRULED = ['ledger', 'access'];

const APPROVED: Members = { proposal: hexOf(16), ledger: hexOf(32), until: timestamp, approvals };

export function checkStatement(statement: JsonObject): void {
  demand(utf8(jcs(statement)).length <= MEBIBYTE, 'a statement is larger than 1 MiB');
  demand(depth(statement) <= 8, 'a statement is more than 8 deep');
  // So that the exchange form can tell a statement from a sealed record.
  for (const name of ['sealed', 'body', 'salt', 'stub']) {
    demand(!Object.hasOwn(statement, name), `a statement has a member ${name}`);
  }
  const kind = statement.kind;
  demand(typeof kind === 'string', 'a statement without kind');
  checkTexts(statement);
  if (isInfo(kind)) return;
  demand(Object.hasOwn(KINDS, kind), `unknown kind ${kind}`);
  const { required, optional = {}, either = {} } = KINDS[kind]!;
  const carries = !UNRULED.includes(kind) && Object.keys(APPROVED).some((name) => Object.hasOwn(statement, name));
  checkMembers(statement, carries ? { ...required, ...APPROVED } : required, { ...optional, ...either });
  const chosen = Object.keys(either).filter((name) => Object.hasOwn(statement, name));
  demand(Object.keys(either).length === 0 || chosen.length === 1, 'not exactly one key is named');
}

export function isInfo(kind: string): boolean {
  return /^info-[a-z0-9-]+$/.test(kind);
}

function checkMembers(statement: JsonObject, required: Members, optional: Members): void {
  for (const name of Object.keys(required)) demand(Object.hasOwn(statement, name), `member ${name} is missing`);
  for (const [name, value] of Object.entries(statement)) {
    if (name === 'kind') continue;
    const members = Object.hasOwn(required, name) ? required : optional;
    demand(Object.hasOwn(members, name), `member ${name} is not of this kind`);
    members[name]!(value);
  }
}

/** "Text is … without control characters", wherever it stands in a statement. */
function checkTexts(value: Json): void {
  if (typeof value === 'string') text(value);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(checkTexts);
}

/** A real date in UTC and in exactly this form; Date alone would take 24:00 and other forms. */
export function isTimestamp(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value)) return false;
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString() === value;
}
