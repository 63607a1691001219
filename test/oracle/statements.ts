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

const emptyObject: Check = (value) => demand(isObject(value) && Object.keys(value).length === 0, 'rules are not {}');

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

const KINDS: { [kind: string]: { required: Members; optional?: Members } } = {
  ledger: {
    required: {
      owner: publicKey,
      difficulty,
      nonce: hexOf(16),
      rules: emptyObject,
      recovery: listOf(publicKey, 0),
      audit: boolean,
    },
  },
  dataset: { required: { id: hexOf(16), keys: listOf(hexOf(16), 1) } },
  'dataset-end': { required: { id: hexOf(16), rows: integer } },
  grant: {
    required: { key_id: hexOf(16), to: publicKey, enc: b64Of(65), wrapped: b64Of(48) },
    optional: { expires: timestamp, reason: freeText },
  },
  writer: { required: { public_key: publicKey } },
  'writer-removed': { required: { public_key: publicKey } },
};

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
  checkMembers(statement, KINDS[kind]!.required, KINDS[kind]!.optional ?? {});
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
