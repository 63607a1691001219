import { sha256, sha256Hex, sha256Text } from '#primitives';
import { fromHex, isHex, label, putU64, scratch, toHex, u64 } from '../bytes.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { MAX_DIFFICULTY } from '../work/proof-of-work.js';
import { hasExactly, isObject, type JsonObject, type JsonValue, parseCanonical } from './json.js';
import { MAX_ENTRIES, MAX_JSON_VALUES } from './limits.js';
import { type PlainHead, readPlainHead } from './plain-head.js';
import { isTimestamp, type Timestamp } from './timestamp.js';

export const FORMAT_VERSION = 1;

/** What `previous_hash` says in the genesis block. */
export const NO_PREVIOUS = '0';

/** The header of a block, its members named as in the JSON (spec/ledger.md, "Block"). Hashes are lower-case hex. */
export interface Header {
  readonly version: 1;
  readonly index: number;
  readonly timestamp: Timestamp;
  readonly previous_hash: string;
  readonly history_hash: string;
  readonly data_hash: string;
  readonly data_size: number;
  readonly difficulty: number;
  readonly signer: PublicKey;
}

/** A header with what its signer adds: together they make the block's hash. */
export interface BlockHead {
  readonly header: Header;
  readonly proof: number;
  /** `r ‖ s`, 64 bytes. */
  readonly signature: Uint8Array;
}

export const HEADER_MEMBERS = [
  'data_hash',
  'data_size',
  'difficulty',
  'history_hash',
  'index',
  'previous_hash',
  'signer',
  'timestamp',
  'version',
] as const;

const BLOCK_LABEL = label('medseal/1 block');

/** The header's canonical JSON. Its texts are hex and times, which need no escaping. */
export function headerJson(header: Header): string {
  return `{${beforeProof(header)},${afterProof(header)}}`;
}

/** The canonical JSON of a block's head: the header's members, `proof` and `signature`. */
export function headJson(head: BlockHead): string {
  return `{${headMembers(head)}}`;
}

/** The same members without the braces, for the exchange form, where `data` comes first of all. */
export function headMembers({ header, proof, signature }: BlockHead): string {
  return `${beforeProof(header)},"proof":${proof},"signature":"${toHex(signature)}",${afterProof(header)}`;
}

function beforeProof(header: Header): string {
  return (
    `"data_hash":"${header.data_hash}","data_size":${header.data_size},"difficulty":${header.difficulty},` +
    `"history_hash":"${header.history_hash}","index":${header.index},"previous_hash":"${header.previous_hash}"`
  );
}

function afterProof(header: Header): string {
  return `"signer":"${header.signer}","timestamp":"${header.timestamp}","version":${header.version}`;
}

/** `H(JCS(header))`, 32 bytes. */
export function headerHash(header: Header): Uint8Array {
  return header === lastRead ? sha256(lastJson) : sha256Text(headerJson(header));
}

/** What the signer signs: `H("medseal/1 block" ‖ header_hash ‖ u64(proof))`. */
export function signingDigest(hash: Uint8Array, proof: number): Uint8Array {
  return sha256(BLOCK_LABEL, hash, u64(proof));
}

/** `H(header_hash ‖ u64(proof) ‖ signature)`: the next block's `previous_hash`. */
export function blockHash(hash: Uint8Array, proof: number, signature: Uint8Array): Uint8Array {
  return sha256(hash, u64(proof), signature);
}

/** The same as hex. */
export function blockHashHex(hash: Uint8Array, proof: number, signature: Uint8Array): string {
  hashed.set(hash);
  putU64(hashed, 32, proof);
  hashed.set(signature, 40);
  return sha256Hex(hashed);
}

/** What a block's hash is made of: 32, 8 and 64 bytes. */
const hashed = new Uint8Array(104);

/** A block's hash, as its head makes it, in hex. */
export function hashOf({ header, proof, signature }: BlockHead): string {
  return blockHashHex(headerHash(header), proof, signature);
}

/**
 * A block's head from its canonical JSON.
 * @param maxDepth how many arrays and objects may stand within each other in what is no head of this format
 * @throws {MedsealError} `MALFORMED`; `VERSION_NEWER`; `TOO_LARGE`
 */
export function readHead(bytes: Uint8Array, maxDepth = 1): BlockHead {
  const plain = readPlainHead(bytes);
  if (plain === null) return parseHead(parseCanonical(bytes, maxDepth, MAX_JSON_VALUES));
  keepJson(bytes, plain);
  return plain.head;
}

/**
 * The header that was read last, and its canonical JSON: mostly it is hashed next, and to write it again takes three times
 * as long. A header is never changed, so that the same object stands for the same bytes.
 */
let lastRead: Header | null = null;
let lastJson: Uint8Array = new Uint8Array(0);
const jsonBytes = scratch();

function keepJson(bytes: Uint8Array, { head, signed: { from, to } }: PlainHead): void {
  const json = jsonBytes(bytes.length);
  json.set(bytes);
  json.copyWithin(from, to);
  lastJson = jsonBytes(bytes.length - (to - from));
  lastRead = head.header;
}

/**
 * A block's head from parsed canonical JSON.
 * @param others names of further members that the object has
 * @throws {MedsealError} `MALFORMED`; `VERSION_NEWER`; `TOO_LARGE`
 */
export function parseHead(value: JsonValue, others: readonly string[] = []): BlockHead {
  if (!isObject(value)) throw new MedsealError('MALFORMED', 'the block is not a JSON object');
  const { version } = value;
  if (typeof version === 'number' && version > FORMAT_VERSION) {
    throw new MedsealError(
      'VERSION_NEWER',
      `the block is of format ${version}; this version of Medseal knows format 1`,
    );
  }
  if (!hasExactly(value, [...HEADER_MEMBERS, 'proof', 'signature', ...others])) {
    throw new MedsealError('MALFORMED', 'the block does not have exactly the members of format 1');
  }
  const wrong = wrongMember(value);
  if (wrong !== null) throw new MedsealError('MALFORMED', `the block's "${wrong}" is not well-formed`);
  const head = value as unknown as Header & { proof: number; signature: string };
  if (head.data_size > MAX_ENTRIES) {
    throw new MedsealError('TOO_LARGE', `the block claims more than ${MAX_ENTRIES} entries`);
  }
  return {
    header: {
      version: head.version,
      index: head.index,
      timestamp: head.timestamp,
      previous_hash: head.previous_hash,
      history_hash: head.history_hash,
      data_hash: head.data_hash,
      data_size: head.data_size,
      difficulty: head.difficulty,
      signer: head.signer,
    },
    proof: head.proof,
    signature: fromHex(head.signature, 64) ?? new Uint8Array(64),
  };
}

function wrongMember(head: JsonObject): string | null {
  const checks: [string, boolean][] = [
    ['version', head.version === FORMAT_VERSION],
    ['index', isInteger(head.index, 1)],
    ['timestamp', isTimestamp(head.timestamp)],
    ['previous_hash', head.previous_hash === NO_PREVIOUS || isHex(head.previous_hash, 32)],
    ['history_hash', isHex(head.history_hash, 32)],
    ['data_hash', isHex(head.data_hash, 32)],
    ['data_size', isInteger(head.data_size, 1)],
    ['difficulty', isInteger(head.difficulty, 0) && head.difficulty <= MAX_DIFFICULTY],
    ['signer', isHex(head.signer, 33)],
    ['proof', isInteger(head.proof, 0)],
    ['signature', isHex(head.signature, 64)],
  ];
  return checks.find(([, fine]) => !fine)?.[0] ?? null;
}

function isInteger(value: JsonValue | undefined, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
