// Record proofs: made from an export with all its blocks at hand, and checked, straight from the specification's "Record
// proof". A check that fails is a Fault that names the code.

import { type Block, blockHash, type Header, headerHash, isSigned, workDone } from './block.js';
import { type Bytes, b64, demand, equal, Fault, fromB64, fromHex, H, hex, join, label, utf8 } from './bytes.js';
import { isSignedBy, readCheckpoint } from './checkpoint.js';
import { isObject, type Json, type JsonObject, jcs, parseJcs } from './jcs.js';
import { inclusionProof, rootOfInclusion } from './merkle.js';
import { openBody, saltHash } from './seal.js';
import { isTimestamp } from './statements.js';

export type Disclosed = { body: Uint8Array; key: Uint8Array; salt: Uint8Array };

export type ProofWish = {
  /** Number of the record's block, and its place there. */
  block: number;
  position: number;
  /** A checkpoint's text, or the number of the block that anchors. */
  anchor: string | number;
  disclosed?: Disclosed;
};

export type Prover = { lines: readonly string[]; entries: (line: string) => Bytes[]; hash: (line: string) => Bytes };

export function makeProof({ lines, entries, hash }: Prover, wish: ProofWish): JsonObject {
  const line = lines[wish.block - 1]!;
  const leaves = entries(line);
  const hashes = lines.map(hash);
  const path = (leaf: number, size: number): string => b64(join(...inclusionProof(leaf, hashes.slice(0, size))));
  const proof: JsonObject = {
    type: 'medseal/1 record-proof',
    ledger: hex(hashes[0]!),
    entry: b64(leaves[wish.position]!),
    position: wish.position,
    entry_path: b64(join(...inclusionProof(wish.position, leaves))),
    block: headOf(line),
    anchor: {},
  };
  if (typeof wish.anchor === 'string') {
    const { size } = readCheckpoint(wish.anchor);
    proof.anchor = { checkpoint: wish.anchor, path: path(wish.block - 1, size) };
  } else {
    const size = wish.anchor - 1;
    proof.anchor = { genesis_path: path(0, size) };
    if (wish.anchor !== wish.block) {
      Object.assign(proof.anchor, { block: headOf(lines[size]!), path: path(wish.block - 1, size) });
    }
  }
  if (wish.disclosed !== undefined) {
    const { body, key, salt } = wish.disclosed;
    proof.disclosed = { body: b64(body), key: b64(key), salt: b64(salt) };
  }
  return proof;
}

export function headOf(line: string): JsonObject {
  const { data: _data, ...head } = JSON.parse(line) as Block;
  return head;
}

export type ProofResult =
  | { ok: true; ledger: string; row: number; block: number; size: number; root: string; content: Bytes | null }
  | { ok: false; code: string };

export function checkProof(text: string, owner: string, checkpoint?: string): ProofResult {
  let code = 'MALFORMED';
  /** Runs a check; what it finds wrong is of this code. */
  const as = <T>(name: string, run: () => T): T => {
    code = name;
    return run();
  };
  try {
    const proof = readProof(text, as);
    const entry = fromB64(String(proof.entry));
    const block = proof.block as Head;
    as('DATA_MISMATCH', () => {
      const root = rootOfInclusion(
        H(Uint8Array.of(0), entry),
        Number(proof.position),
        block.data_size,
        pathOf(proof.entry_path),
      );
      demand(root !== null && hex(root) === block.data_hash, 'the entry is elsewhere');
    });
    const hash = checkHead(block, as);
    const tree = checkAnchor(proof, block, hash, owner, as);
    if (checkpoint !== undefined) checkState(readCheckpoint(checkpoint), tree, String(proof.ledger), owner, as);
    const content = isObject(proof.disclosed) ? open(entry, proof.disclosed, as) : null;
    const row = Number(Buffer.from(entry).readBigUInt64BE(17));
    return { ok: true, ledger: String(proof.ledger), row, block: block.index, ...tree, content };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, code };
  }
}

export type As = <T>(code: string, run: () => T) => T;
export type Head = Header & { proof: number; signature: string };
type Tree = { size: number; root: string };

const MEMBERS = ['anchor', 'block', 'entry', 'entry_path', 'ledger', 'position', 'type'];
const HEAD = [
  'data_hash',
  'data_size',
  'difficulty',
  'history_hash',
  'index',
  'previous_hash',
  'proof',
  'signature',
  'signer',
  'timestamp',
  'version',
];

function readProof(text: string, as: As): JsonObject {
  return as('MALFORMED', () => {
    demand(text.endsWith('\n'), 'no line feed');
    let depth = 0;
    let deepest = 0;
    for (const character of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')) {
      if ('[{'.includes(character)) deepest = Math.max(deepest, ++depth);
      if (']}'.includes(character)) depth--;
    }
    as('TOO_LARGE', () => demand(deepest <= 3, 'too deep'));
    return as('MALFORMED', () => membersOf(parseJcs(text.slice(0, -1), 3), as));
  });
}

function membersOf(value: Json, as: As): JsonObject {
  demand(isObject(value), 'no object');
  const newer = typeof value.type === 'string' && /^medseal\/([2-9]|[1-9]\d+) record-proof$/.test(value.type);
  as('VERSION_NEWER', () => demand(!newer, 'a newer version'));
  as('MALFORMED', () => undefined);
  demand(value.type === 'medseal/1 record-proof', 'another type');
  const disclosing = Object.hasOwn(value, 'disclosed');
  exactly(value, disclosing ? [...MEMBERS, 'disclosed'] : MEMBERS);
  fromHex(textOf(value.ledger), 32);
  demand(typeof value.position === 'number', 'the position is no number');
  const entry = fromB64(textOf(value.entry), 121);
  demand(entry[0] === 1 && rowFits(entry), 'no sealed record');
  pathOf(value.entry_path);
  headForm(value.block, as);
  anchorForm(value.anchor, as);
  if (disclosing) {
    demand(isObject(value.disclosed), 'what is disclosed is no object');
    exactly(value.disclosed, ['body', 'key', 'salt']);
    fromB64(textOf(value.disclosed.body));
    fromB64(textOf(value.disclosed.key), 32);
    fromB64(textOf(value.disclosed.salt), 32);
  }
  return value;
}

export function anchorForm(anchor: Json | undefined, as: As): void {
  demand(isObject(anchor), 'the anchor is no object');
  const shape = Object.keys(anchor).sort().join();
  demand(
    ['checkpoint,path', 'block,genesis_path,path', 'genesis_path'].includes(shape),
    'the anchor has other members',
  );
  if (Object.hasOwn(anchor, 'path')) pathOf(anchor.path);
  if (Object.hasOwn(anchor, 'genesis_path')) pathOf(anchor.genesis_path);
  if (Object.hasOwn(anchor, 'block')) headForm(anchor.block, as);
  if (Object.hasOwn(anchor, 'checkpoint')) textOf(anchor.checkpoint);
}

const rowFits = (entry: Uint8Array): boolean => Buffer.from(entry).readBigUInt64BE(17) < 2n ** 53n;

export function headForm(value: Json | undefined, as: As): void {
  demand(isObject(value), 'the block is no object');
  exactly(value, HEAD);
  const { version, index, data_size, difficulty, proof, previous_hash } = value;
  as('VERSION_NEWER', () => demand(!(typeof version === 'number' && version > 1), 'a newer version'));
  as('TOO_LARGE', () => demand(!(typeof data_size === 'number' && data_size > 65_535), 'too many entries'));
  as('MALFORMED', () => undefined);
  demand(version === 1 && typeof index === 'number' && index >= 1, 'version or index');
  demand(typeof data_size === 'number' && data_size >= 1, 'data_size');
  demand(typeof difficulty === 'number' && difficulty <= 48 && typeof proof === 'number', 'difficulty or proof');
  demand(isTimestamp(textOf(value.timestamp)), 'timestamp');
  if (previous_hash !== '0') fromHex(textOf(previous_hash), 32);
  fromHex(textOf(value.history_hash), 32);
  fromHex(textOf(value.data_hash), 32);
  fromHex(textOf(value.signer), 33);
  fromHex(textOf(value.signature), 64);
}

export function textOf(value: Json | undefined): string {
  demand(typeof value === 'string', 'not a text');
  return value;
}

export function exactly(value: JsonObject, names: string[]): void {
  demand(Object.keys(value).sort().join() === [...names].sort().join(), 'other members');
}

export function pathOf(value: Json | undefined): Bytes[] {
  const bytes = fromB64(textOf(value));
  demand(bytes.length % 32 === 0 && bytes.length <= 32 * 53, 'no path');
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.slice(32 * i, 32 * i + 32));
}

/** Signature and work; returns the block's hash. */
export function checkHead({ proof, signature, ...header }: Head, as: As): Bytes {
  const hash = headerHash(header);
  const bytes = fromHex(signature, 64);
  as('SIGNATURE_INVALID', () => demand(isSigned(hash, proof, bytes, fromHex(header.signer, 33)), 'not signed'));
  as('WORK_INSUFFICIENT', () => demand(workDone(hash, proof) >= header.difficulty, 'not enough work'));
  return blockHash(hash, proof, bytes);
}

export function checkAnchor(proof: JsonObject, block: Head, hash: Bytes, owner: string, as: As): Tree {
  const anchor = proof.anchor as JsonObject;
  const leads = (code: string, leaf: Bytes, index: number, tree: Tree, path: Json | undefined): void =>
    as(code, () => {
      const root = rootOfInclusion(H(Uint8Array.of(0), leaf), index, tree.size, pathOf(path));
      demand(root !== null && hex(root) === tree.root, 'the path leads elsewhere');
    });
  if (anchor.checkpoint !== undefined) {
    const checkpoint = as('CHECKPOINT_INVALID', () => readCheckpoint(String(anchor.checkpoint)));
    as('LEDGER_MISMATCH', () => demand(checkpoint.ledger === proof.ledger, 'another ledger'));
    as('CHECKPOINT_UNSIGNED', () => demand(isSignedBy(checkpoint, owner), 'not signed by the owner'));
    const tree = { size: checkpoint.size, root: checkpoint.root };
    leads('HISTORY_MISMATCH', hash, block.index - 1, tree, anchor.path);
    return tree;
  }
  const later = anchor.block as Head | undefined;
  const signed = later ?? block;
  as('OWNER_MISMATCH', () => demand(signed.signer === owner, 'signed by another'));
  const tree = { size: signed.index - 1, root: signed.history_hash };
  if (later !== undefined) {
    as('MALFORMED', () => demand(later.index > block.index, 'no later block'));
    checkHead(later, as);
    as('TIME_BACKWARDS', () => demand(later.timestamp >= block.timestamp, 'earlier'));
    leads('HISTORY_MISMATCH', hash, block.index - 1, tree, anchor.path);
  }
  leads('LEDGER_MISMATCH', fromHex(String(proof.ledger), 32), 0, tree, anchor.genesis_path);
  return tree;
}

export function checkState(
  given: ReturnType<typeof readCheckpoint>,
  tree: Tree,
  ledger: string,
  owner: string,
  as: As,
): void {
  as('LEDGER_MISMATCH', () => demand(given.ledger === ledger, 'the checkpoint is of another ledger'));
  as('CHECKPOINT_UNSIGNED', () => demand(isSignedBy(given, owner), 'the checkpoint is not signed'));
  as('CHECKPOINT_DIFFERS', () => demand(given.size === tree.size, 'another size'));
  as('LEDGER_REWRITTEN', () => demand(given.root === tree.root, 'another history'));
}

function open(entry: Bytes, { body, key, salt }: JsonObject, as: As): Bytes {
  const bytes = fromB64(String(body));
  as('SALT_MISMATCH', () => demand(equal(saltHash(fromB64(String(salt))), entry.slice(25, 57)), 'another salt'));
  as('BODY_MISMATCH', () => demand(equal(H(label('body'), bytes), entry.slice(89)), 'another body'));
  return as('KEY_MISMATCH', () => openBody(fromB64(String(key)), entry.slice(0, 89), bytes));
}

/** The proof's file. */
export function proofFile(proof: JsonObject): Bytes {
  return utf8(`${jcs(proof)}\n`);
}
