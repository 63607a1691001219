import { sha256Text } from '#primitives';
import { fromUtf8, toHex } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { dumpPythonJson } from './python/dump-json.js';
import { readPythonJson } from './python/read-json.js';
import { isList, isMap, type PythonValue } from './python/value.js';

/** A larger file is refused: it is held in memory as a whole. */
export const MAX_CHAIN_BYTES: number = 128 * 1024 * 1024;

/** The six fields of a notebook's block. */
export interface NotebookBlock {
  readonly index: bigint;
  /** Local time of whoever made it, as Python's `str(datetime.now())` writes it. */
  readonly timestamp: string;
  readonly data: string;
  readonly proof: bigint;
  readonly previous_hash: string;
  /** Hex. */
  readonly signature: string;
}

/** What stands at one place of a chain. */
export interface ChainItem {
  /** All that stands there, further members with it: the hash covers them. */
  readonly value: PythonValue;
  /** Its six fields; null where it has not all of them, or not of their types. */
  readonly block: NotebookBlock | null;
  /** Which field is at fault where `block` is null. */
  readonly fault: string | null;
}

export interface NotebookChain {
  readonly items: readonly ChainItem[];
  /** What the file says of its own length; null where it says nothing. */
  readonly length: bigint | null;
}

const FIELDS: readonly (readonly [keyof NotebookBlock, 'bigint' | 'string'])[] = [
  ['index', 'bigint'],
  ['timestamp', 'string'],
  ['data', 'string'],
  ['proof', 'bigint'],
  ['previous_hash', 'string'],
  ['signature', 'string'],
];

/**
 * Reads a chain that a notebook has saved: `{"chain": [...], "length": n}`, or the list alone.
 * @throws {MedsealError} `NOT_A_CHAIN` where the bytes are no JSON, or hold no list of blocks
 */
export function parseChain(bytes: Uint8Array): NotebookChain {
  if (bytes.length > MAX_CHAIN_BYTES) {
    throw new MedsealError('NOT_A_CHAIN', `the file is larger than ${MAX_CHAIN_BYTES / (1024 * 1024)} MiB`);
  }
  const text = fromUtf8(bytes);
  if (text === null) throw new MedsealError('NOT_A_CHAIN', 'the file is not UTF-8 text, so it is no notebook’s chain');
  const file = readPythonJson(text);
  const list = isMap(file) ? file.get('chain') : file;
  if (!isList(list) || list.length === 0) {
    const message =
      'the file holds no notebook’s chain: a list of blocks is expected, or an object that has one as "chain"';
    throw new MedsealError('NOT_A_CHAIN', message);
  }
  const length = isMap(file) ? file.get('length') : undefined;
  return { items: list.map(chainItem), length: typeof length === 'bigint' ? length : null };
}

export function chainItem(value: PythonValue): ChainItem {
  const invalid = (fault: string): ChainItem => ({ value, block: null, fault });
  if (!isMap(value)) return invalid('it is no object');
  const block: Record<string, PythonValue> = {};
  for (const [name, type] of FIELDS) {
    const field = value.get(name);
    const expected = type === 'bigint' ? 'a whole number' : 'text';
    if (field === undefined) return invalid(`it has no "${name}"`);
    if (typeof field !== type) return invalid(`its "${name}" is not ${expected}`);
    block[name] = field;
  }
  return { value, block: block as unknown as NotebookBlock, fault: null };
}

/** A block as Python's `json.dump` writes it, its fields in the notebook's order. */
export function dumpBlock(block: NotebookBlock): string {
  return `{${FIELDS.map(([name]) => `"${name}": ${dumpPythonJson(block[name])}`).join(', ')}}`;
}

/** The hash of a block, to which the next one's `previous_hash` refers: SHA-256 over Python's JSON form, as hex. */
export function hashOfItem(item: ChainItem): string {
  const hash = hashes.get(item) ?? toHex(sha256Text(dumpPythonJson(item.value)));
  hashes.set(item, hash);
  return hash;
}

/** Whoever looks at a chain asks for the same hashes again and again. A block is never changed. */
const hashes = new WeakMap<ChainItem, string>();
