import { hexDecode, sha256, sha256Hex, sha256Text } from '#primitives';
import { fromHex, fromLatin1, isHex, label, putU64, toHex, u64 } from '../bytes.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { MAX_DIFFICULTY } from '../work/proof-of-work.js';
import { hasExactly, isObject, type JsonObject, type JsonValue, parseCanonical } from './json.js';
import { MAX_ENTRIES, MAX_JSON_VALUES } from './limits.js';
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
  return sha256Text(headerJson(header));
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

const HEX32 = '([0-9a-f]{64})';
const COUNT = '([1-9][0-9]{0,14}|0)';
/** Days up to the 28th are in every month; of the others somebody else judges. */
const DAY = '[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])';
const TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}';
const PLAIN_HEAD = new RegExp(
  `^\\{"data_hash":"${HEX32}","data_size":${COUNT},"difficulty":${COUNT},"history_hash":"${HEX32}","index":${COUNT},` +
    `"previous_hash":"(${HEX32.slice(1, -1)}|0)","proof":${COUNT},"signature":"([0-9a-f]{128})",` +
    `"signer":"([0-9a-f]{66})","timestamp":"(${DAY}T${TIME}Z)","version":1\\}$`,
);

/**
 * A block's head from its canonical JSON.
 * @param maxDepth how many arrays and objects may stand within each other in what is no head of this format
 * @throws {MedsealError} `MALFORMED`; `VERSION_NEWER`; `TOO_LARGE`
 */
export function readHead(bytes: Uint8Array, maxDepth = 1): BlockHead {
  return readPlainHead(bytes) ?? parseHead(parseCanonical(bytes, maxDepth, MAX_JSON_VALUES));
}

/**
 * What `parseHead` makes of a head as nearly all are, at a tenth of its cost; null for any that is not well-formed or
 * has something rare.
 */
function readPlainHead(bytes: Uint8Array): BlockHead | null {
  const found = bytes.length <= MAX_PLAIN_HEAD ? PLAIN_HEAD.exec(fromLatin1(bytes)) : null;
  if (found === null) return null;
  const [, data = '', size, difficulty, history = '', index, previous = '', proof, signature = '', signer, time] =
    found;
  const header: Header = {
    version: FORMAT_VERSION,
    index: Number(index),
    timestamp: time as Timestamp,
    previous_hash: previous,
    history_hash: history,
    data_hash: data,
    data_size: Number(size),
    difficulty: Number(difficulty),
    signer: signer as PublicKey,
  };
  const possible = header.index > 0 && header.data_size > 0 && header.data_size <= MAX_ENTRIES;
  if (!possible || header.difficulty > MAX_DIFFICULTY) return null;
  return { header, proof: Number(proof), signature: hexDecode(signature) };
}

/** No plain head is longer: 531 characters, and five numbers of 15 digits. */
const MAX_PLAIN_HEAD = 640;

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
