import { isHex, toBase64url, utf8 } from '../bytes.js';
import { SALT_LENGTH } from '../crypto/sealing.js';
import { MedsealError } from '../errors.js';
import { entryKind, SEALED_LENGTH } from '../format/entry.js';
import { canonicalize, hasExactly, isObject, type JsonObject, type JsonValue, parseCanonical } from '../format/json.js';
import { MAX_BLOCK_BYTES } from '../format/limits.js';
import {
  type Chain,
  decodeAnchor,
  decodeBytes,
  decodeHead,
  decodePath,
  encodeAnchor,
  encodeHead,
  encodePath,
  malformed,
} from './links.js';

/** What lets anyone read one record, and no other. */
export interface Disclosure {
  readonly body: Uint8Array;
  readonly salt: Uint8Array;
  /** The record's AES key, 32 bytes. */
  readonly key: Uint8Array;
}

/** A record proof (spec/proofs.md): from an entry to a signature. Paths are of RFC 6962, the lowest hash first. */
export interface RecordProof extends Chain {
  /** The sealed record's entry, 121 bytes. */
  readonly entry: Uint8Array;
  /** Its place among the block's entries, from 0. */
  readonly position: number;
  readonly entryPath: readonly Uint8Array[];
  readonly disclosed: Disclosure | null;
}

/** Room for the largest body, and far more than the rest takes. */
export const MAX_PROOF_BYTES: number = MAX_BLOCK_BYTES;

const TYPE = 'medseal/1 record-proof';
const NEWER_TYPE = /^medseal\/([2-9]|[1-9]\d+) record-proof$/;
const MAX_DEPTH = 3;
/** A proof has about 60 values. */
const MAX_VALUES = 100;
const MEMBERS = ['anchor', 'block', 'entry', 'entry_path', 'ledger', 'position', 'type'];
const LINE_FEED = 0x0a;

/** The proof's one form: canonical JSON and a line feed. */
export function encodeProof(proof: RecordProof): Uint8Array {
  const { ledger, entry, position, entryPath, block, anchor, disclosed } = proof;
  const members: JsonObject = {
    type: TYPE,
    ledger,
    entry: toBase64url(entry),
    position,
    entry_path: encodePath(entryPath),
    block: encodeHead(block),
    anchor: encodeAnchor(anchor),
  };
  if (disclosed !== null) {
    const { body, key, salt } = disclosed;
    members.disclosed = { body: toBase64url(body), key: toBase64url(key), salt: toBase64url(salt) };
  }
  return utf8(`${canonicalize(members)}\n`);
}

/**
 * Reads a proof. Nothing of it is checked yet but its form.
 * @throws {MedsealError} `MALFORMED`, `TOO_LARGE`, `VERSION_NEWER`
 */
export function decodeProof(bytes: Uint8Array): RecordProof {
  if (bytes.length > MAX_PROOF_BYTES) throw new MedsealError('TOO_LARGE', 'the proof is larger than 64 MiB');
  if (bytes.at(-1) !== LINE_FEED) throw malformed('it does not end with a line feed');
  const value = parseCanonical(bytes.subarray(0, -1), MAX_DEPTH, MAX_VALUES);
  if (!isObject(value)) throw malformed('it is no JSON object');
  if (typeof value.type === 'string' && NEWER_TYPE.test(value.type)) {
    throw new MedsealError('VERSION_NEWER', 'the proof is of a newer version than this version of Medseal knows');
  }
  const disclosing = Object.hasOwn(value, 'disclosed');
  if (value.type !== TYPE) throw malformed('it is not called a record proof of Medseal');
  if (!hasExactly(value, disclosing ? [...MEMBERS, 'disclosed'] : MEMBERS)) throw malformed('it has other members');
  const { ledger, position } = value;
  if (!isHex(ledger, 32)) throw malformed('its "ledger" is no id');
  if (typeof position !== 'number') throw malformed('its "position" is no number');
  const entry = decodeBytes(value.entry, 'entry', SEALED_LENGTH);
  if (entryKind(entry) !== 'sealed') throw malformed('its "entry" is no sealed record');
  return {
    ledger,
    position,
    entry,
    entryPath: decodePath(value.entry_path, 'entry_path'),
    block: decodeHead(value.block),
    anchor: decodeAnchor(value.anchor),
    disclosed: disclosing ? decodeDisclosure(value.disclosed) : null,
  };
}

function decodeDisclosure(value: JsonValue | undefined): Disclosure {
  if (!isObject(value) || !hasExactly(value, ['body', 'key', 'salt'])) {
    throw malformed('its "disclosed" has other members');
  }
  return {
    body: decodeBytes(value.body, 'body'),
    key: decodeBytes(value.key, 'key', 32),
    salt: decodeBytes(value.salt, 'salt', SALT_LENGTH),
  };
}
