import { toHex } from '../bytes.js';
import { isBodyHash, isSaltHash, SALT_LENGTH } from '../crypto/sealing.js';
import type { Curve } from '../crypto/secp256k1.js';
import { MedsealError, type ProblemCode } from '../errors.js';
import type { Block, BlockItem } from '../format/block.js';
import { isReadable } from '../format/block.js';
import { BODY_HASH_AT, type Entry, hasKeyOf, keyIdOf, rowOf, SALT_HASH_AT, type SealedEntry } from '../format/entry.js';
import { type BlockHead, blockHashHex, headerHash, signingDigest } from '../format/header.js';
import { parseStatement, type Statement } from '../format/statement.js';
import { treeHash } from '../merkle/tree.js';
import { proofIsSufficient } from '../work/proof-of-work.js';

/** A fault of a block, or of one of its entries. */
export interface Fault {
  readonly entry: number | null;
  readonly code: ProblemCode;
  readonly message: string;
}

/** An entry whose form has been checked. */
export type InspectedEntry =
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'sealed'; readonly keyId: string; readonly row: number };

/** Everything that can be said of one block without the others. */
export type Inspection =
  /** No head that can be trusted: unreadable, not signed, or without its work. */
  | { readonly kind: 'unsound'; readonly fault: Fault; readonly hash: string | null; readonly newer: boolean }
  /** The head is what its signer signed. */
  | {
      readonly kind: 'sound';
      readonly block: Block;
      readonly hash: string;
      /** Null where the entries are not those that the head commits to. */
      readonly entries: readonly InspectedEntry[] | null;
      readonly fault: Fault | null;
      /** Faults of what is kept beside the entries; the entries themselves are good. */
      readonly bodyFaults: readonly Fault[];
      readonly withheld: number;
    };

export type Sound = Extract<Inspection, { kind: 'sound' }>;

type Content = Pick<Block, 'header' | 'entries'>;

export interface InspectOptions {
  /** Whether the block's signature is checked. Default true. Only for blocks that another signature vouches for. */
  readonly signatures?: boolean;
  /** Whether the salts and bodies are looked at. Default true. */
  readonly bodies?: boolean;
  /** Whether records may lack salt and body because the export withholds them. Default false. */
  readonly withoutBodies?: boolean;
}

/**
 * Checks one block by itself: form, signature, proof of work, entries against `data_hash`, statements' form, every
 * body and salt against its hash. Needs no other block, so that many can be inspected at once.
 */
export function inspectBlock(item: BlockItem, curve: Curve, options: InspectOptions = {}): Inspection {
  if (!isReadable(item)) return unreadable(item.error);
  const { header, proof, signature } = item;
  const ofHeader = headerHash(header);
  const hash = blockHashHex(ofHeader, proof, signature);
  const fault = inspectHead(item, ofHeader, curve, options);
  if (fault !== null) return { kind: 'unsound', fault, hash, newer: false };
  return { kind: 'sound', block: item, hash, ...inspectContent(item, options) };
}

/** What is wrong with a block's signature or its work; null for nothing. */
export function inspectHead(
  { header, proof, signature }: BlockHead,
  ofHeader: Uint8Array,
  curve: Curve,
  { signatures = true }: InspectOptions = {},
): Fault | null {
  if (signatures && !curve.verify(header.signer, signingDigest(ofHeader, proof), signature)) {
    const message = 'the signature does not fit: the block has been changed since it was signed';
    return { entry: null, code: 'SIGNATURE_INVALID', message };
  }
  if (!proofIsSufficient(ofHeader, proof, header.difficulty)) {
    const message = 'the proof of work does not reach the difficulty that the block claims';
    return { entry: null, code: 'WORK_INSUFFICIENT', message };
  }
  return null;
}

/** The part that needs no signature, and can be done before there is one. */
export function inspectContent(block: Content, options: InspectOptions = {}): Omit<Sound, 'kind' | 'block' | 'hash'> {
  if (!dataFits(block)) {
    const message = 'the entries are not those that were signed: their hash is another';
    const fault: Fault = { entry: null, code: 'DATA_MISMATCH', message };
    return { entries: null, fault, bodyFaults: [], withheld: 0 };
  }
  const { entries, fault } = inspectEntries(block);
  const { faults, withheld } =
    options.bodies === false ? { faults: [], withheld: 0 } : inspectBodies(block.entries, options);
  return { entries, fault, bodyFaults: faults, withheld };
}

/** What is said of a block that could not be read. */
export function unreadable({ code, message, place }: MedsealError): Inspection {
  const fault = { entry: place.entry ?? null, code: code as ProblemCode, message };
  return { kind: 'unsound', fault, hash: null, newer: code === 'VERSION_NEWER' };
}

function dataFits({ header, entries }: Content): boolean {
  return header.data_size === entries.length && toHex(treeHash(entries.map(({ bytes }) => bytes))) === header.data_hash;
}

function inspectEntries(block: Content): { entries: InspectedEntry[] | null; fault: Fault | null } {
  const entries: InspectedEntry[] = [];
  let before: { readonly bytes: Uint8Array; readonly keyId: string } | null = null;
  for (const [position, entry] of block.entries.entries()) {
    if (entry.kind === 'sealed') {
      // Neighbours have mostly the same key, which is then also the same text.
      const { bytes } = entry;
      const keyId: string = before !== null && hasKeyOf(bytes, before.bytes) ? before.keyId : toHex(keyIdOf(bytes));
      before = { bytes, keyId };
      entries.push({ kind: 'sealed', keyId, row: rowOf(bytes) });
      continue;
    }
    try {
      const statement = parseStatement(entry.bytes);
      // What an info statement says is nothing to a verifier, and parsed it can take many times its length.
      const ignored = statement.kind.startsWith('info-');
      entries.push({ kind: 'statement', statement: ignored ? ({ kind: statement.kind } as Statement) : statement });
    } catch (error) {
      if (!(error instanceof MedsealError)) throw error;
      return { entries: null, fault: { entry: position, code: error.code as ProblemCode, message: error.message } };
    }
  }
  return { entries, fault: null };
}

/** Every salt and body of a block against its hash. */
export function inspectBodies(
  entries: readonly Entry[],
  options: InspectOptions = {},
): { faults: Fault[]; withheld: number } {
  const faults: Fault[] = [];
  let withheld = 0;
  for (const [position, entry] of entries.entries()) {
    if (entry.kind !== 'sealed') continue;
    if (options.withoutBodies && entry.body === null && entry.salt === null) {
      withheld++;
      continue;
    }
    const fault = inspectBody(entry);
    if (fault !== null) faults.push({ entry: position, ...fault });
  }
  return { faults, withheld };
}

function inspectBody({ bytes, body, salt }: SealedEntry): Omit<Fault, 'entry'> | null {
  if (salt === null) return { code: 'SALT_MISSING', message: "the record's salt is not there" };
  if (salt.length !== SALT_LENGTH || !isSaltHash(bytes, SALT_HASH_AT, salt)) {
    return { code: 'SALT_MISMATCH', message: "the record's salt is not the one that was sealed" };
  }
  if (body === null) return { code: 'BODY_MISSING', message: "the record's encrypted content is not there" };
  if (!isBodyHash(bytes, BODY_HASH_AT, body)) {
    return { code: 'BODY_MISMATCH', message: "the record's encrypted content is not what was sealed" };
  }
  return null;
}
