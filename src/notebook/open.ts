import { toHex } from '../bytes.js';
import type { SoftwareIdentity } from '../crypto/identity.js';
import { createPool } from '../threads/pool.js';
import { type ChainItem, hashOfItem, type NotebookBlock, type NotebookChain } from './chain.js';
import { decryptText } from './cipher.js';
import { readTextRows, type TextRow } from './pandas/read-text.js';
import { type ChainVerdict, verifyChain } from './verify.js';

/** A row that has been got out of a block, as far as pandas left it there. */
export interface NotebookRow {
  /** The block's place in the chain, from 1. */
  readonly place: number;
  readonly block: NotebookBlock;
  /** The block's own hash. */
  readonly hash: string;
  readonly values: TextRow;
}

/** A value that is not what it was in the table. */
export interface NotedValue {
  readonly block: number;
  readonly column: string;
}

export interface OpenedChain {
  readonly verdict: ChainVerdict;
  /** All columns of all rows, in the order in which they come. */
  readonly columns: readonly string[];
  readonly rows: readonly NotebookRow[];
  /** Blocks whose data does not open under the key; of blocks with an invalid signature it is not tried. */
  readonly unopened: readonly number[];
  /** Blocks whose data opened, and is not the text of a row. */
  readonly unread: readonly number[];
  /** Values that pandas has cut at 50 characters. */
  readonly cut: readonly NotedValue[];
  /** Numbers that show all six decimals that pandas writes: it may have rounded them. */
  readonly rounded: readonly NotedValue[];
  /**
   * Numbers with fewer decimals, in columns of numbers: pandas rounds to six, and then drops zeros at the end, so that each
   * of these may have been rounded, and `0.0` may be anything smaller than half a millionth.
   */
  readonly shortened: readonly NotedValue[];
  /** Values that read `None`: kept as text, and perhaps missing ones of pandas 1.5 or 2. */
  readonly nones: readonly NotedValue[];
}

export interface OpenChainOptions {
  /** Threads that share the work of scrypt. Default: all cores. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (blocks: number) => void;
}

/**
 * Decrypts a chain with the private key under which the notebook made it, and rebuilds its rows from the text that pandas
 * made of them. As in the notebook, a block whose signature is invalid is not decrypted.
 * @throws {MedsealError} `ABORTED`, `THREAD_FAILED`, `ARGUMENT_INVALID`
 */
export async function openChain(
  chain: NotebookChain,
  identity: SoftwareIdentity,
  options: OpenChainOptions = {},
): Promise<OpenedChain> {
  const verdict = await verifyChain(chain, identity.publicKey);
  const sealed = sealedBlocks(chain.items, verdict);
  const texts = await decryptAll(sealed, toHex(identity.exportPrivateKey()), options);
  const opened = sealed.flatMap((each, i) => {
    const text = texts[i];
    return text === null || text === undefined ? [] : [{ ...each, text }];
  });
  const read = readTextRows(opened.map(({ text }) => text));
  const rows = opened.flatMap(({ place, item, block }, i) => {
    const values = read[i];
    return values ? [{ place, block, hash: hashOfItem(item), values }] : [];
  });
  const placesWith = (places: readonly { place: number }[]): Set<number> => new Set(places.map(({ place }) => place));
  const [openedPlaces, readPlaces] = [placesWith(opened), placesWith(rows)];
  return {
    verdict,
    columns: [...new Set(rows.flatMap(({ values }) => [...values.keys()]))],
    rows,
    unopened: chain.items.map((_, i) => i + 1).filter((place) => place > 1 && !openedPlaces.has(place)),
    unread: [...openedPlaces].filter((place) => !readPlaces.has(place)),
    cut: noted(rows, 'cut'),
    rounded: noted(rows, 'rounded'),
    shortened: shortenedIn(rows),
    nones: noted(rows, 'none'),
  };
}

interface SealedBlock {
  readonly place: number;
  readonly item: ChainItem;
  readonly block: NotebookBlock;
}

/** All but the genesis block, which holds no row, and those that nobody has signed. */
function sealedBlocks(items: readonly ChainItem[], { signatures }: ChainVerdict): SealedBlock[] {
  return items.flatMap((item, i) =>
    i === 0 || item.block === null || !signatures[i] ? [] : [{ place: i + 1, item, block: item.block }],
  );
}

async function decryptAll(
  blocks: readonly SealedBlock[],
  password: string,
  { threads, signal, onProgress }: OpenChainOptions,
): Promise<(string | null)[]> {
  const pool = createPool(threads === undefined ? {} : { threads });
  const texts: (string | null)[] = [];
  try {
    const orders = blocks.map(({ block }) => ({ data: block.data, password }));
    for await (const text of pool.map(decryptText, orders, { signal })) {
      texts.push(text);
      onProgress?.(texts.length);
    }
  } finally {
    await pool.close();
  }
  return texts;
}

/** Only in columns of nothing but numbers: text that looks like one is kept as it is. */
function shortenedIn(rows: readonly NotebookRow[]): NotedValue[] {
  const texts = new Set<string>();
  for (const { values } of rows) {
    for (const [column, { text }] of values) if (text !== null && !isNumber(text)) texts.add(column);
  }
  return noted(rows, 'shortened').filter(({ column }) => !texts.has(column));
}

/** Whether pandas writes a number so. */
function isNumber(text: string): boolean {
  return /^-?(?:\d+(?:\.\d+)?(?:e[-+]\d+)?|inf)$/.test(text);
}

function noted(rows: readonly NotebookRow[], what: 'cut' | 'rounded' | 'shortened' | 'none'): NotedValue[] {
  return rows.flatMap(({ place, values }) =>
    [...values].filter(([, value]) => value[what]).map(([column]) => ({ block: place, column })),
  );
}
