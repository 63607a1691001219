import { sha256 } from '#primitives';
import { label, utf8 } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { canonicalize, isObject, type JsonValue, parseCanonical } from './json.js';
import type { AccessStatement, GrantStatement, InfoStatement, RuledStatement, Statement } from './kinds.js';
import { MAX_STATEMENT_BYTES, MAX_STATEMENT_DEPTH } from './limits.js';
import { expectShape } from './shapes.js';

export type * from './kinds.js';
export { isRuledKind } from './shapes.js';

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
  expectShape(value, value.kind);
  return value as unknown as Statement;
}

function expectPlainText(value: JsonValue): void {
  if (typeof value === 'string' && CONTROL.test(value)) {
    throw new MedsealError('STATEMENT_INVALID', 'the statement has a control character in a text');
  }
  if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) expectPlainText(item);
}

/** What a grant's wrapping is bound to: the statement without `enc`, `wrapped` and `approvals`, as canonical JSON. */
export function grantAssociated(grant: Omit<GrantStatement, 'enc' | 'wrapped'>): Uint8Array {
  return utf8(canonicalize(withoutSeals(grant as GrantStatement)));
}

const APPROVAL_LABEL = label('medseal/1 approval');

/** What an approver signs: `H("medseal/1 approval" ‖ JCS(statement without approvals, enc, wrapped))`. */
export function approvalDigest(statement: RuledStatement): Uint8Array {
  return sha256(APPROVAL_LABEL, utf8(canonicalize(withoutSeals(statement))));
}

/** A statement as it is proposed: before anybody has approved it, and before any key has been wrapped. */
function withoutSeals(statement: RuledStatement): JsonValue {
  const { enc, wrapped, approvals, ...rest } = statement as GrantStatement;
  return rest as unknown as JsonValue;
}

const ACCESS_LABEL = label('medseal/1 access');

/** What a reader signs: `H("medseal/1 access" ‖ JCS(statement without signature))`. */
export function accessDigest(statement: Omit<AccessStatement, 'signature'>): Uint8Array {
  const { signature, ...rest } = statement as AccessStatement;
  return sha256(ACCESS_LABEL, utf8(canonicalize(rest as unknown as JsonValue)));
}
