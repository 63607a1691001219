import { fromBase64url, isHex, utf8 } from '../bytes.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { MAX_DIFFICULTY } from '../work/proof-of-work.js';
import { canonicalize, isObject, type JsonObject, type JsonValue, parseCanonical } from './json.js';
import { MAX_STATEMENT_BYTES, MAX_STATEMENT_DEPTH, MAX_TEXT_CHARACTERS } from './limits.js';
import { isTimestamp, type Timestamp } from './timestamp.js';

/** The first entry of a ledger: who owns it and by which rules it is kept. */
export interface LedgerStatement {
  readonly kind: 'ledger';
  readonly owner: PublicKey;
  /** The least difficulty of any block, in bits. */
  readonly difficulty: number;
  /** 16 random bytes, hex: makes the ledger's id unique. */
  readonly nonce: string;
  readonly rules: Record<string, never>;
  readonly recovery: readonly PublicKey[];
  readonly audit: boolean;
}

/** Begins a data set. `keys` are the ids of its groups' keys, in the order of the groups. */
export interface DatasetStatement {
  readonly kind: 'dataset';
  readonly id: string;
  readonly keys: readonly string[];
}

/** The data set is complete up to here, with this many rows (the header row not counted). */
export interface DatasetEndStatement {
  readonly kind: 'dataset-end';
  readonly id: string;
  readonly rows: number;
}

/** A group key wrapped to a public key (HPKE): `enc` and `wrapped` are base64url. */
export interface GrantStatement {
  readonly kind: 'grant';
  readonly key_id: string;
  readonly to: PublicKey;
  readonly enc: string;
  readonly wrapped: string;
  readonly expires?: Timestamp;
  readonly reason?: string;
}

/** From the next block on this key may seal data sets of its own, or may no longer. */
export interface WriterStatement {
  readonly kind: 'writer' | 'writer-removed';
  readonly public_key: PublicKey;
}

/** Anything that a person wants to state publicly; shown, otherwise ignored. */
export interface InfoStatement {
  readonly kind: `info-${string}`;
  readonly [member: string]: JsonValue;
}

export type Statement =
  | LedgerStatement
  | DatasetStatement
  | DatasetEndStatement
  | GrantStatement
  | WriterStatement
  | InfoStatement;

type Check = (value: JsonValue) => boolean;
interface Shape {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
}

/** 16 bytes as hex: ids and nonces. */
const id: Check = (value) => isHex(value, 16);
// Whether it is a point on the curve is judged with the block: parsing needs no curve.
const publicKey: Check = (value) => isHex(value, 33);
const distinct =
  (check: Check, least: number): Check =>
  (value) =>
    Array.isArray(value) && value.length >= least && value.every(check) && new Set(value).size === value.length;
const integer =
  (most: number): Check =>
  (value) =>
    typeof value === 'number' && value <= most;
const base64urlOf =
  (length: number): Check =>
  (value) =>
    typeof value === 'string' && fromBase64url(value)?.length === length;
const text: Check = (value) => typeof value === 'string' && [...value].length <= MAX_TEXT_CHARACTERS;

const SHAPES: Readonly<Record<string, Shape>> = {
  ledger: {
    required: {
      owner: publicKey,
      difficulty: integer(MAX_DIFFICULTY),
      nonce: id,
      rules: (value) => isObject(value) && Object.keys(value).length === 0,
      recovery: distinct(publicKey, 0),
      audit: (value) => typeof value === 'boolean',
    },
  },
  dataset: { required: { id, keys: distinct(id, 1) } },
  'dataset-end': { required: { id, rows: integer(Number.MAX_SAFE_INTEGER) } },
  grant: {
    required: { key_id: id, to: publicKey, enc: base64urlOf(65), wrapped: base64urlOf(48) },
    optional: { expires: isTimestamp, reason: text },
  },
  writer: { required: { public_key: publicKey } },
  'writer-removed': { required: { public_key: publicKey } },
};

/** How the exchange form tells a sealed record from a statement. */
const RESERVED = ['sealed', 'body', 'salt', 'stub'];
const INFO = /^info-[a-z0-9-]+$/;
// The C0 and C1 control characters and DEL: none may stand in a text that people are shown.
const CONTROL = /\p{Cc}/u;

/** The canonical JSON of a statement, as bytes. */
export function encodeStatement(statement: Statement): Uint8Array {
  return utf8(canonicalize(statement as unknown as JsonValue));
}

/**
 * A statement from its bytes.
 * @throws {MedsealError} `MALFORMED` (no canonical JSON), `STATEMENT_UNKNOWN` (kind), `STATEMENT_INVALID` (members),
 *   `TOO_LARGE`
 */
export function parseStatement(bytes: Uint8Array): Statement {
  if (bytes.length > MAX_STATEMENT_BYTES) throw new MedsealError('TOO_LARGE', 'the statement is larger than 1 MiB');
  const value = parseCanonical(bytes, MAX_STATEMENT_DEPTH);
  if (!isObject(value) || typeof value.kind !== 'string') {
    throw new MedsealError('STATEMENT_INVALID', 'the statement has no "kind"');
  }
  if (RESERVED.some((member) => Object.hasOwn(value, member))) {
    throw new MedsealError('STATEMENT_INVALID', 'the statement has a member that only sealed records have');
  }
  expectPlainText(value);
  if (INFO.test(value.kind)) return value as unknown as InfoStatement;
  const shape = Object.hasOwn(SHAPES, value.kind) ? SHAPES[value.kind] : undefined;
  if (shape === undefined) {
    throw new MedsealError('STATEMENT_UNKNOWN', 'the statement is of a kind that format 1 does not have');
  }
  expectShape(value, shape);
  return value as unknown as Statement;
}

function expectShape(statement: JsonObject, { required, optional = {} }: Shape): void {
  const { kind } = statement;
  for (const [member, check] of Object.entries(required)) {
    const value = statement[member];
    if (!Object.hasOwn(statement, member) || value === undefined || !check(value)) {
      throw new MedsealError('STATEMENT_INVALID', `the statement "${kind}" has no well-formed "${member}"`);
    }
  }
  for (const [member, value] of Object.entries(statement)) {
    if (member === 'kind' || Object.hasOwn(required, member)) continue;
    const check = Object.hasOwn(optional, member) ? optional[member] : undefined;
    if (check === undefined || !check(value)) {
      throw new MedsealError('STATEMENT_INVALID', `the statement "${kind}" has a member that does not belong to it`);
    }
  }
}

function expectPlainText(value: JsonValue): void {
  if (typeof value === 'string' && CONTROL.test(value)) {
    throw new MedsealError('STATEMENT_INVALID', 'the statement has a control character in a text');
  }
  if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) expectPlainText(item);
}

/** What a grant's wrapping is bound to: the statement without `enc` and `wrapped`, as canonical JSON. */
export function grantAssociated(grant: Omit<GrantStatement, 'enc' | 'wrapped'>): Uint8Array {
  const { enc, wrapped, ...rest } = grant as GrantStatement;
  return utf8(canonicalize(rest as unknown as JsonValue));
}
