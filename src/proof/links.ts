import { concat, fromBase64url, toBase64url, toHex } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { type BlockHead, HEADER_MEMBERS, parseHead } from '../format/header.js';
import { hasExactly, isObject, type JsonObject, type JsonValue } from '../format/json.js';

/*
 * What all proofs are made of: paths in trees, heads of blocks, and what the whole leads to. Read here is their form only.
 */

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

/** A block, and what vouches for it: the part that is the same in every proof. */
export interface Chain {
  /** The ledger's id, hex. */
  readonly ledger: string;
  readonly block: BlockHead;
  readonly anchor: Anchor;
}

export function encodeAnchor(anchor: Anchor): JsonObject {
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

export function encodeHead({ header, proof, signature }: BlockHead): JsonObject {
  return { ...header, proof, signature: toHex(signature) };
}

export function encodePath(path: readonly Uint8Array[]): string {
  return toBase64url(concat(...path));
}

/** @throws {MedsealError} `MALFORMED`, `VERSION_NEWER`, `TOO_LARGE` */
export function decodeAnchor(value: JsonValue | undefined): Anchor {
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

/** @throws {MedsealError} `MALFORMED`, `VERSION_NEWER`, `TOO_LARGE` */
export function decodeHead(value: JsonValue | undefined): BlockHead {
  if (!isObject(value) || !hasExactly(value, [...HEADER_MEMBERS, 'proof', 'signature'])) {
    throw malformed('its "block" has other members than a block');
  }
  return parseHead(value);
}

/** Longer than any path: no tree has more than 2^53 leaves. */
const MAX_PATH = 53;

/** @throws {MedsealError} `MALFORMED` */
export function decodePath(value: JsonValue | undefined, name: string): Uint8Array[] {
  const bytes = decodeBytes(value, name);
  if (bytes.length % 32 !== 0 || bytes.length > 32 * MAX_PATH) throw malformed(`its "${name}" is no path`);
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * (i + 1)));
}

/** @throws {MedsealError} `MALFORMED` */
export function decodeBytes(value: JsonValue | undefined, name: string, length?: number): Uint8Array {
  const bytes = typeof value === 'string' ? fromBase64url(value) : null;
  if (bytes === null || (length !== undefined && bytes.length !== length)) {
    throw malformed(`its "${name}" is no canonical base64url of the right length`);
  }
  return bytes;
}

export function malformed(why: string): MedsealError {
  return new MedsealError('MALFORMED', `this is no proof of Medseal: ${why}`);
}
