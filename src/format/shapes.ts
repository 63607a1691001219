import { fromBase64url, isHex } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { MAX_DIFFICULTY } from '../work/proof-of-work.js';
import { hasExactly, isObject, type JsonObject, type JsonValue } from './json.js';
import { MAX_RULE_KEYS, MAX_TEXT_CHARACTERS } from './limits.js';
import { isTimestamp } from './timestamp.js';

type Check = (value: JsonValue) => boolean;
type Members = Readonly<Record<string, Check>>;
interface Shape {
  readonly required: Members;
  readonly optional?: Members;
  /** Exactly one of these is there. */
  readonly either?: Members;
  /** Whether a rule can name the kind. Default true. */
  readonly ruled?: false;
}

/** 16 bytes as hex: ids and nonces. */
const id: Check = (value) => isHex(value, 16);
const hash: Check = (value) => isHex(value, 32);
const signature: Check = (value) => isHex(value, 64);
// Whether it is a point on the curve is judged with the block: parsing needs no curve.
const publicKey: Check = (value) => isHex(value, 33);
const boolean: Check = (value) => typeof value === 'boolean';
const distinct =
  (check: Check, least: number, most: number = Number.POSITIVE_INFINITY): Check =>
  (value) =>
    Array.isArray(value) &&
    value.length >= least &&
    value.length <= most &&
    value.every(check) &&
    new Set(value).size === value.length;
const integer =
  (most: number, least = 0): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most;
const row: Check = integer(Number.MAX_SAFE_INTEGER, 1);
const base64urlOf =
  (length: number): Check =>
  (value) =>
    typeof value === 'string' && fromBase64url(value)?.length === length;
const text: Check = (value) => typeof value === 'string' && [...value].length <= MAX_TEXT_CHARACTERS;
/** A reason that must be given. */
const words: Check = (value) => text(value) && value !== '';
const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const roleName: Check = matching(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const purpose: Check = matching(/^[A-Z]{1,32}$/);

/** Pairs of integers, each checked with the one before it. */
const pairs =
  (least: number, follows: (pair: [number, number], before: [number, number] | undefined) => boolean): Check =>
  (value) => {
    if (!Array.isArray(value) || value.length < least) return false;
    let before: [number, number] | undefined;
    for (const pair of value) {
      if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((item) => typeof item === 'number')) return false;
      if (!follows(pair as [number, number], before)) return false;
      before = pair as [number, number];
    }
    return true;
  };
const places: Check = pairs(1, ([block, position], before) => {
  if (before === undefined) return true;
  return block > before[0] || (block === before[0] && position > before[1]);
});
const runs: Check = pairs(0, ([from, to], before) => from <= to && (before === undefined || from > before[1]));

const rules: Check = (value) =>
  isObject(value) && Object.entries(value).every(([kind, rule]) => isRuledKind(kind) && isRule(rule));

function isRule(value: JsonValue): boolean {
  if (!isObject(value) || !hasExactly(value, ['threshold', 'from'])) return false;
  const { threshold = null, from = null } = value;
  if (!distinct(publicKey, 1, MAX_RULE_KEYS)(from)) return false;
  return Array.isArray(from) && integer(from.length, 1)(threshold);
}

const approvals: Check = (value) =>
  Array.isArray(value) && value.length >= 1 && value.length <= MAX_RULE_KEYS && value.every(isApproval);

function isApproval(value: JsonValue): boolean {
  if (!isObject(value) || !hasExactly(value, ['by', 'signature'])) return false;
  return publicKey(value.by ?? null) && signature(value.signature ?? null);
}

/** What every kind that a rule can name may carry beside its own members: all of them, or none. */
const APPROVED: Members = { proposal: id, ledger: hash, until: isTimestamp, approvals };

/** A group's key or a role's. */
const KEY: Members = { key_id: id, role_key: publicKey };

const SHAPES: Readonly<Record<string, Shape>> = {
  ledger: {
    required: {
      owner: publicKey,
      difficulty: integer(MAX_DIFFICULTY),
      nonce: id,
      rules,
      recovery: distinct(publicKey, 0),
      audit: boolean,
    },
    ruled: false,
  },
  dataset: { required: { id, keys: distinct(id, 1) } },
  'dataset-keys': { required: { id, keys: distinct(id, 1) } },
  'dataset-end': { required: { id, rows: integer(Number.MAX_SAFE_INTEGER) } },
  amend: { required: { id, row, by: row, reason: words } },
  grant: {
    required: { to: publicKey, enc: base64urlOf(65), wrapped: base64urlOf(48) },
    optional: { expires: isTimestamp, reason: text },
    either: KEY,
  },
  role: { required: { name: roleName, public_key: publicKey } },
  revoke: { required: { from: publicKey, reason: words }, either: KEY },
  writer: { required: { public_key: publicKey } },
  'writer-removed': { required: { public_key: publicKey } },
  owner: { required: { public_key: publicKey } },
  recovery: { required: { public_keys: distinct(publicKey, 0) } },
  rules: { required: { rules } },
  erase: { required: { entries: places, reason: words, basis: words } },
  access: {
    required: {
      id,
      ledger: hash,
      by: publicKey,
      at: isTimestamp,
      purpose,
      dataset: id,
      rows: runs,
      outcome: (value) => value === 'permitted' || value === 'refused',
      signature,
    },
    ruled: false,
  },
  audit: { required: { on: boolean } },
  'log-key': { required: { public_key: hash } },
};

function shapeOf(kind: string): Shape | undefined {
  return Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
}

/** Whether a rule can demand approvals of this kind of statement. */
export function isRuledKind(kind: string): boolean {
  const shape = shapeOf(kind);
  return shape !== undefined && shape.ruled !== false;
}

/**
 * Expects a statement to have exactly the members of its kind.
 * @throws {MedsealError} `STATEMENT_UNKNOWN`, `STATEMENT_INVALID`
 */
export function expectShape(statement: JsonObject, kind: string): void {
  const shape = shapeOf(kind);
  if (shape === undefined) {
    throw new MedsealError('STATEMENT_UNKNOWN', 'the statement is of a kind that format 1 does not have');
  }
  const { optional = {}, either = {}, ruled = true } = shape;
  const carries = ruled && Object.keys(APPROVED).some((member) => Object.hasOwn(statement, member));
  const required = { ...shape.required, ...(carries ? APPROVED : {}) };
  const missing = Object.keys(required).find((member) => !isWell(statement, member, required[member]));
  if (missing !== undefined) throw invalid(`the statement "${kind}" has no well-formed "${missing}"`);
  const others = Object.keys(statement).filter((member) => member !== 'kind' && !Object.hasOwn(required, member));
  const known = { ...optional, ...either };
  if (!others.every((member) => Object.hasOwn(known, member) && isWell(statement, member, known[member]))) {
    throw invalid(`the statement "${kind}" has a member that does not belong to it`);
  }
  const chosen = others.filter((member) => Object.hasOwn(either, member)).length;
  if (shape.either !== undefined && chosen !== 1) throw invalid(`the statement "${kind}" does not name one key`);
}

function isWell(statement: JsonObject, member: string, check: Check | undefined): boolean {
  const value = Object.hasOwn(statement, member) ? statement[member] : undefined;
  return value !== undefined && check?.(value) === true;
}

function invalid(message: string): MedsealError {
  return new MedsealError('STATEMENT_INVALID', message);
}
