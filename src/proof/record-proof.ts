import { concat, fromBase64url, isHex, toBase64url, toHex, utf8 } from '../bytes.js';
import { SALT_LENGTH } from '../crypto/sealing.js';
import { MedsealError } from '../errors.js';
import { entryKind, SEALED_LENGTH } from '../format/entry.js';
import { type BlockHead, HEADER_MEMBERS, parseHead } from '../format/header.js';
import { canonicalize, hasExactly, isObject, type JsonObject, type JsonValue, parseCanonical } from '../format/json.js';
import { MAX_BLOCK_BYTES } from '../format/limits.js';

/** What a proof leads to: a tree that a signature of the verifier's pinned key covers. */
export type Anchor =
  /** The tree of a checkpoint, given by its text. */
  | { readonly kind: 'checkpoint'; readonly checkpoint: string; readonly path: readonly Uint8Array[] }
  /** The history of a later block. */
  | {
      readonly kind: 'later-block';
      readonly block: BlockHead;
      readonly path: readonly Uint8Array[];
      readonly genesisPath: readonly Uint8Array[];
    }
  /** The history of the record's own block, which signs it by itself. */
  | { readonly kind: 'own-block'; readonly genesisPath: readonly Uint8Array[] };

/** What lets anyone read one record, and no other. */
export interface Disclosure {
  readonly body: Uint8Array;
  readonly salt: Uint8Array;
  /** The record's AES key, 32 bytes. */
  readonly key: Uint8Array;
}

/** A record proof (spec/proofs.md): from an entry to a signature. Paths are of RFC 6962, the lowest hash first. */
export interface RecordProof {
  /** The ledger's id, hex. */
  readonly ledger: string;
  /** The sealed record's entry, 121 bytes. */
  readonly entry: Uint8Array;
  /** Its place among the block's entries, from 0. */
  readonly position: number;
  readonly entryPath: readonly Uint8Array[];
  readonly block: BlockHead;
  readonly anchor: Anchor;
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

function encodeAnchor(anchor: Anchor): JsonObject {
  switch (anchor.kind) {
    case 'checkpoint':
      return { checkpoint: anchor.checkpoint, path: encodePath(anchor.path) };
    case 'later-block':
      return {
        block: encodeHead(anchor.block),
        genesis_path: encodePath(anchor.genesisPath),
        path: encodePath(anchor.path),
      };
    case 'own-block':
      return { genesis_path: encodePath(anchor.genesisPath) };
  }
}

function encodeHead({ header, proof, signature }: BlockHead): JsonObject {
  return { ...header, proof, signature: toHex(signature) };
}

function encodePath(path: readonly Uint8Array[]): string {
  return toBase64url(concat(...path));
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

function decodeAnchor(value: JsonValue | undefined): Anchor {
  if (!isObject(value)) throw malformed('its "anchor" is no object');
  if (hasExactly(value, ['checkpoint', 'path'])) {
    const { checkpoint, path } = value;
    if (typeof checkpoint !== 'string') throw malformed('its "checkpoint" is no text');
    return { kind: 'checkpoint', checkpoint, path: decodePath(path, 'path') };
  }
  if (hasExactly(value, ['block', 'genesis_path', 'path'])) {
    const [path, genesisPath] = [decodePath(value.path, 'path'), decodePath(value.genesis_path, 'genesis_path')];
    return { kind: 'later-block', block: decodeHead(value.block), path, genesisPath };
  }
  if (!hasExactly(value, ['genesis_path'])) throw malformed('its "anchor" has other members');
  return { kind: 'own-block', genesisPath: decodePath(value.genesis_path, 'genesis_path') };
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

function decodeHead(value: JsonValue | undefined): BlockHead {
  if (!isObject(value) || !hasExactly(value, [...HEADER_MEMBERS, 'proof', 'signature'])) {
    throw malformed('its "block" has other members than a block');
  }
  return parseHead(value);
}

/** Longer than any path: no tree has more than 2^53 leaves. */
const MAX_PATH = 53;

function decodePath(value: JsonValue | undefined, name: string): Uint8Array[] {
  const bytes = decodeBytes(value, name);
  if (bytes.length % 32 !== 0 || bytes.length > 32 * MAX_PATH) throw malformed(`its "${name}" is no path`);
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * (i + 1)));
}

function decodeBytes(value: JsonValue | undefined, name: string, length?: number): Uint8Array {
  const bytes = typeof value === 'string' ? fromBase64url(value) : null;
  if (bytes === null || (length !== undefined && bytes.length !== length)) {
    throw malformed(`its "${name}" is no canonical base64url of the right length`);
  }
  return bytes;
}

function malformed(why: string): MedsealError {
  return new MedsealError('MALFORMED', `this is not a record proof: ${why}`);
}
