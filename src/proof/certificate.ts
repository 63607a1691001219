import { sha256 } from '#primitives';
import { fromHex, fromLatin1, isHex, label, toHex, utf8 } from '../bytes.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { canonicalize, hasExactly, isObject, type JsonObject, type JsonValue, parseCanonical } from '../format/json.js';
import { MAX_BLOCK_BYTES, MAX_ENTRIES, MAX_JSON_VALUES, MAX_STATEMENT_DEPTH } from '../format/limits.js';
import { type EraseStatement, encodeStatement, parseStatement } from '../format/statement.js';
import { isTimestamp, type Timestamp } from '../format/timestamp.js';
import {
  type Chain,
  decodeAnchor,
  decodeHead,
  decodePath,
  encodeAnchor,
  encodeHead,
  encodePath,
  malformed,
} from './links.js';

/** An `erase` statement, and where in its block it stands. */
export interface CertifiedErasure {
  readonly statement: EraseStatement;
  readonly position: number;
  readonly entryPath: readonly Uint8Array[];
}

/** An erasure certificate (spec/proofs.md): what was to be destroyed, and who says that it has been. */
export interface ErasureCertificate extends Chain {
  /** All of one block, by position. */
  readonly erasures: readonly CertifiedErasure[];
  /** Who keeps the ledger, and when they found nothing of the records there any more. */
  readonly by: PublicKey;
  readonly at: Timestamp;
  readonly signature: Uint8Array;
}

const CERTIFICATE_TYPE = 'medseal/1 erasure-certificate';
const NEWER_TYPE = /^medseal\/([2-9]|[1-9]\d+) erasure-certificate$/;
const MEMBERS = ['anchor', 'at', 'block', 'by', 'erasures', 'ledger', 'signature', 'type'];
/** A statement stands two levels below the certificate's own. */
const MAX_DEPTH = MAX_STATEMENT_DEPTH + 3;
const LINE_FEED = 0x0a;
const LABEL = label('medseal/1 certificate');

type Unsigned = Omit<ErasureCertificate, 'signature'>;

/** What is signed: `H("medseal/1 certificate" ‖ JCS(the certificate without signature))`. */
export function certificateDigest(certificate: Unsigned): Uint8Array {
  return sha256(LABEL, utf8(canonicalize(membersOf(certificate))));
}

/** The certificate's one form: canonical JSON and a line feed. */
export function encodeCertificate({ signature, ...certificate }: ErasureCertificate): Uint8Array {
  return utf8(`${canonicalize({ ...membersOf(certificate), signature: toHex(signature) })}\n`);
}

function membersOf({ ledger, erasures, block, anchor, by, at }: Unsigned): JsonObject {
  return {
    type: CERTIFICATE_TYPE,
    ledger,
    erasures: erasures.map(({ statement, position, entryPath }) => ({
      statement: statement as unknown as JsonValue,
      position,
      entry_path: encodePath(entryPath),
    })),
    block: encodeHead(block),
    anchor: encodeAnchor(anchor),
    by,
    at,
  };
}

/**
 * Reads a certificate. Nothing of it is checked yet but its form.
 * @throws {MedsealError} `MALFORMED`, `TOO_LARGE`, `VERSION_NEWER`
 */
export function decodeCertificate(bytes: Uint8Array): ErasureCertificate {
  if (bytes.length > MAX_BLOCK_BYTES) throw new MedsealError('TOO_LARGE', 'the certificate is larger than 64 MiB');
  if (bytes.at(-1) !== LINE_FEED) throw malformed('it does not end with a line feed');
  const value = parseCanonical(bytes.subarray(0, -1), MAX_DEPTH, MAX_JSON_VALUES);
  if (!isObject(value)) throw malformed('it is no JSON object');
  if (typeof value.type === 'string' && NEWER_TYPE.test(value.type)) {
    throw new MedsealError('VERSION_NEWER', 'the certificate is of a newer version than this version of Medseal knows');
  }
  if (value.type !== CERTIFICATE_TYPE) throw malformed('it is not called an erasure certificate');
  if (!hasExactly(value, MEMBERS)) throw malformed('it has other members');
  const { ledger, by, at = null, signature, erasures } = value;
  if (!isHex(ledger, 32)) throw malformed('its "ledger" is no id');
  if (!isHex(by, 33)) throw malformed('its "by" is no public key');
  if (!isTimestamp(at)) throw malformed('its "at" is no time');
  if (!isHex(signature, 64)) throw malformed('its "signature" is none');
  return {
    ledger,
    erasures: decodeErasures(erasures),
    block: decodeHead(value.block),
    anchor: decodeAnchor(value.anchor),
    by: by as PublicKey,
    at: at as Timestamp,
    signature: fromHex(signature, 64) ?? new Uint8Array(64),
  };
}

function decodeErasures(value: JsonValue | undefined): CertifiedErasure[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ENTRIES) {
    throw malformed('its "erasures" are none, or too many');
  }
  const erasures = value.map(decodeErasure);
  const ascending = erasures.every(({ position }, i) => i === 0 || position > (erasures[i - 1]?.position ?? 0));
  if (!ascending) throw malformed('its "erasures" are not in the order of the block');
  return erasures;
}

function decodeErasure(value: JsonValue): CertifiedErasure {
  if (!isObject(value) || !hasExactly(value, ['entry_path', 'position', 'statement'])) {
    throw malformed('an erasure has other members');
  }
  const { position, entry_path, statement = null } = value;
  if (typeof position !== 'number') throw malformed('a "position" is no number');
  return { statement: eraseStatement(statement), position, entryPath: decodePath(entry_path, 'entry_path') };
}

function eraseStatement(value: JsonValue): EraseStatement {
  try {
    const statement = isObject(value) ? parseStatement(utf8(canonicalize(value))) : null;
    if (statement?.kind === 'erase') return statement;
  } catch (error) {
    if (!(error instanceof MedsealError) || error.code === 'TOO_LARGE') throw error;
  }
  throw malformed('a "statement" is no well-formed "erase"');
}

/** Whether a file means to be a certificate, of whatever version, and not a record proof. */
export function isCertificate(bytes: Uint8Array): boolean {
  const end = fromLatin1(bytes.subarray(-80));
  return /"type":"medseal\/\d+ erasure-certificate"/.test(end);
}

/** The statement as it stands in its block. */
export function entryOf({ statement }: CertifiedErasure): Uint8Array {
  return encodeStatement(statement);
}
