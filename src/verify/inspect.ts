import { fromHex, toHex } from '../bytes.js';
import { isBodyHash, isSaltHash, SALT_LENGTH } from '../crypto/sealing.js';
import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import { MedsealError, type ProblemCode } from '../errors.js';
import type { Block, BlockItem } from '../format/block.js';
import { isReadable } from '../format/block.js';
import { BODY_HASH_AT, type Entry, hasKeyOf, keyIdOf, rowOf, SALT_HASH_AT, type SealedEntry } from '../format/entry.js';
import { type BlockHead, blockHashHex, headerHash, signingDigest } from '../format/header.js';
import {
  type AccessStatement,
  accessDigest,
  approvalDigest,
  parseStatement,
  type RuledStatement,
  type Statement,
} from '../format/statement.js';
import { treeHashHex } from '../merkle/tree.js';
import { proofIsSufficient } from '../work/proof-of-work.js';

/** A fault of a block, or of one of its entries. */
export interface Fault {
  readonly entry: number | null;
  readonly code: ProblemCode;
  readonly message: string;
}

/** An entry whose form has been checked. */
export type InspectedEntry =
  | {
      readonly kind: 'statement';
      readonly statement: Statement;
      /** Whether every signature within it, of an approver or a reader, is valid; true where it has none. */
      readonly signed: boolean;
    }
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
      /** Salts and bodies that are not those that were sealed; the entries themselves are good. */
      readonly bodyFaults: readonly Fault[];
      readonly missing: Missing;
    };

/** Positions of sealed records whose salt, or whose body, is not there: whether it must be, the other blocks say. */
export interface Missing {
  readonly salts: readonly number[];
  readonly bodies: readonly number[];
}

export const NOTHING_MISSING: Missing = { salts: [], bodies: [] };

export type Sound = Extract<Inspection, { kind: 'sound' }>;

type Content = Pick<Block, 'header' | 'entries'>;

export interface InspectOptions {
  /** Whether the block's signature is checked. Default true. Only for blocks that another signature vouches for. */
  readonly signatures?: boolean;
  /** Whether the salts and bodies are looked at. Default true. */
  readonly bodies?: boolean;
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
  return { kind: 'sound', block: item, hash, ...inspectContent(item, curve, options) };
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

/** The part that needs no signature of the block, and can be done before there is one. */
export function inspectContent(
  block: Content,
  curve: Curve,
  options: InspectOptions = {},
): Omit<Sound, 'kind' | 'block' | 'hash'> {
  if (!dataFits(block)) {
    const message = 'the entries are not those that were signed: their hash is another';
    const fault: Fault = { entry: null, code: 'DATA_MISMATCH', message };
    return { entries: null, fault, bodyFaults: [], missing: NOTHING_MISSING };
  }
  const { entries, fault } = inspectEntries(block, curve);
  const { faults, missing } =
    options.bodies === false ? { faults: [], missing: NOTHING_MISSING } : inspectBodies(block.entries);
  return { entries, fault, bodyFaults: faults, missing };
}

/** What is said of a block that could not be read. */
export function unreadable({ code, message, place }: MedsealError): Inspection {
  const fault = { entry: place.entry ?? null, code: code as ProblemCode, message };
  return { kind: 'unsound', fault, hash: null, newer: code === 'VERSION_NEWER' };
}

function dataFits({ header, entries }: Content): boolean {
  return header.data_size === entries.length && treeHashHex(entries.map(({ bytes }) => bytes)) === header.data_hash;
}

function inspectEntries(block: Content, curve: Curve): { entries: InspectedEntry[] | null; fault: Fault | null } {
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
      const kept = ignored ? ({ kind: statement.kind } as Statement) : statement;
      entries.push({ kind: 'statement', statement: kept, signed: signaturesFit(kept, curve) });
    } catch (error) {
      if (!(error instanceof MedsealError)) throw error;
      return { entries: null, fault: { entry: position, code: error.code as ProblemCode, message: error.message } };
    }
  }
  return { entries, fault: null };
}

/** Whether the signatures within a statement are valid. Whether those keys have a say in it is judged with the block. */
function signaturesFit(statement: Statement, curve: Curve): boolean {
  const fits = (by: PublicKey, digest: Uint8Array, signature: string): boolean =>
    curve.verify(by, digest, fromHex(signature, 64) ?? new Uint8Array(0));
  if (statement.kind === 'access') {
    const { by, signature } = statement as AccessStatement;
    return fits(by, accessDigest(statement as AccessStatement), signature);
  }
  const { approvals } = statement as RuledStatement;
  if (approvals === undefined) return true;
  const digest = approvalDigest(statement as RuledStatement);
  return approvals.every(({ by, signature }) => fits(by, digest, signature));
}

/** Every salt and body of a block against its hash, where it is there. */
export function inspectBodies(entries: readonly Entry[]): { faults: Fault[]; missing: Missing } {
  const faults: Fault[] = [];
  const salts: number[] = [];
  const bodies: number[] = [];
  for (const [position, entry] of entries.entries()) {
    if (entry.kind !== 'sealed') continue;
    const fault = inspectBody(entry);
    if (fault !== null) {
      faults.push({ entry: position, ...fault });
      continue;
    }
    if (entry.salt === null) salts.push(position);
    if (entry.body === null) bodies.push(position);
  }
  return { faults, missing: { salts, bodies } };
}

function inspectBody({ bytes, body, salt }: SealedEntry): Omit<Fault, 'entry'> | null {
  if (salt !== null && (salt.length !== SALT_LENGTH || !isSaltHash(bytes, SALT_HASH_AT, salt))) {
    return { code: 'SALT_MISMATCH', message: "the record's salt is not the one that was sealed" };
  }
  // Without its salt a body cannot be opened, and that is fault enough.
  if (salt !== null && body !== null && !isBodyHash(bytes, BODY_HASH_AT, body)) {
    return { code: 'BODY_MISMATCH', message: "the record's encrypted content is not what was sealed" };
  }
  return null;
}
