import { fromU64, putU64 } from '../bytes.js';
import { KEY_ID_LENGTH } from '../crypto/sealing.js';
import { MedsealError } from '../errors.js';
import { MAX_STATEMENT_BYTES } from './limits.js';

/** The first byte of a sealed record; a statement begins with `{`. */
export const SEALED = 0x01;
const STATEMENT = 0x7b;

/** A sealed record's entry, and the part of it that is the associated data of its encryption. */
export const SEALED_LENGTH = 121;
export const ASSOCIATED_LENGTH = 89;
/** Where `body_hash` stands: behind the associated data, to the end. */
export const BODY_HASH_AT: number = ASSOCIATED_LENGTH;

/** What an entry can have on its way into a store. */
interface Taggable {
  /** What is to lead to it there, 8 bytes each; no part of it. */
  readonly tags?: readonly Uint8Array[];
}

/** A public statement: its canonical JSON, as bytes. */
export interface StatementEntry extends Taggable {
  readonly kind: 'statement';
  readonly bytes: Uint8Array;
}

/** A sealed record: 121 bytes on the chain, and beside it body and salt, null where they are withheld or erased. */
export interface SealedEntry extends Taggable {
  readonly kind: 'sealed';
  readonly bytes: Uint8Array;
  readonly body: Uint8Array | null;
  readonly salt: Uint8Array | null;
}

export type Entry = StatementEntry | SealedEntry;

/** The fields of a sealed record's entry (spec/records.md, "Entry"). */
export interface SealedFields {
  readonly keyId: Uint8Array;
  readonly row: number;
  readonly saltHash: Uint8Array;
  readonly commitment: Uint8Array;
  readonly bodyHash: Uint8Array;
}

const ROW_AT = 1 + KEY_ID_LENGTH;
export const SALT_HASH_AT: number = ROW_AT + 8;
export const COMMITMENT_AT: number = SALT_HASH_AT + 32;

/** The bytes of a sealed record's entry with zeros in the place of its three hashes. */
export function emptySealed(keyId: Uint8Array, row: number): Uint8Array {
  const bytes = new Uint8Array(SEALED_LENGTH);
  bytes[0] = SEALED;
  bytes.set(keyId, 1);
  putU64(bytes, ROW_AT, row);
  return bytes;
}

/** The row of 121 bytes that `entryKind` has called sealed. */
export function rowOf(bytes: Uint8Array): number {
  // entryKind has refused rows beyond 2^53 − 1.
  return fromU64(bytes, ROW_AT) ?? Number.MAX_SAFE_INTEGER;
}

export function keyIdOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(1, ROW_AT);
}

export function commitmentOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(COMMITMENT_AT, ASSOCIATED_LENGTH);
}

/** Whether two sealed records are under the same key. */
export function hasKeyOf(bytes: Uint8Array, others: Uint8Array): boolean {
  for (let i = 1; i < ROW_AT; i++) if (bytes[i] !== others[i]) return false;
  return true;
}

/** The fields of 121 bytes that `entryKind` has called sealed. */
export function sealedFields(bytes: Uint8Array): SealedFields {
  return {
    keyId: keyIdOf(bytes),
    row: rowOf(bytes),
    saltHash: bytes.subarray(SALT_HASH_AT, COMMITMENT_AT),
    commitment: commitmentOf(bytes),
    bodyHash: bytes.subarray(ASSOCIATED_LENGTH, SEALED_LENGTH),
  };
}

/**
 * What an entry's bytes are.
 * @throws {MedsealError} `MALFORMED`, `TOO_LARGE`
 */
export function entryKind(bytes: Uint8Array): Entry['kind'] {
  if (bytes[0] === STATEMENT) {
    if (bytes.length > MAX_STATEMENT_BYTES) throw new MedsealError('TOO_LARGE', 'a statement is larger than 1 MiB');
    return 'statement';
  }
  if (bytes[0] !== SEALED || bytes.length !== SEALED_LENGTH || fromU64(bytes, ROW_AT) === null) {
    throw new MedsealError('MALFORMED', 'an entry is neither a statement nor a sealed record');
  }
  return 'sealed';
}
