import type { PublicKey } from '../crypto/secp256k1.js';
import { type ChainItem, chainItem, hashOfItem, type NotebookChain } from './chain.js';
import type { PythonValue } from './python/value.js';
import { type ChainRules, chainRules } from './verify.js';
import { findProof } from './work.js';

/** A change that somebody without the private key has made to a copy of a chain, and what the notebook's rules say of it. */
export interface TriedChange {
  readonly change: ChangeKind;
  /** In words, with the blocks that were changed. */
  readonly text: string;
  /** Whether the notebook's rules find anything wrong with the copy. */
  readonly detected: boolean;
}

export type ChangeKind = 'last-data' | 'data' | 'swapped' | 'time' | 'cut-off' | 'taken-out' | 'added' | 'all-replaced';

/** What stands in for data that the chain's owner has never seen; it could be anything. */
const FORGED = 'forged';

/**
 * Shows on copies of this very chain what the notebook's rules do not find. No change needs a private key: signatures are
 * copied, proofs stay at their places, and the hash links are computed anew.
 * @param chain one that verifies under this key; of another, nothing can be shown
 * @param known the rules of this key, where the chain has been verified by them already
 */
export async function undetectedChanges(
  { items }: NotebookChain,
  publicKey: PublicKey,
  known?: ChainRules,
): Promise<TriedChange[]> {
  const rules = known ?? (await chainRules(publicKey));
  return CHANGES.filter(({ least }) => items.length >= least).map(({ change, make }) => {
    const { text, items: changed } = make(items);
    return { change, text, detected: !rules(changed).ok };
  });
}

interface Changed {
  readonly text: string;
  readonly items: readonly ChainItem[];
}

/** What is tried, and on how many blocks at least. */
const CHANGES: readonly {
  readonly change: ChangeKind;
  readonly least: number;
  readonly make: (items: readonly ChainItem[]) => Changed;
}[] = [
  {
    change: 'last-data',
    least: 2,
    make: (items) => ({
      text: `the data of the last block, ${items.length}, replaced; nothing else touched`,
      items: replaced(items, [items.length], { data: FORGED }),
    }),
  },
  {
    change: 'data',
    least: 3,
    make: (items) => ({
      text: `the data of block ${middleOf(items)} replaced, and the hash links behind it computed anew`,
      items: relinked(replaced(items, [middleOf(items)], { data: FORGED })),
    }),
  },
  {
    change: 'swapped',
    least: 3,
    make: (items) => ({
      text: `the data of blocks 2 and ${items.length} exchanged, the links computed anew`,
      items: relinked(swapped(items, 2, items.length)),
    }),
  },
  {
    change: 'time',
    least: 1,
    make: (items) => ({
      text: 'all timestamps set to another day, the links computed anew',
      items: relinked(replaced(items, all(items), { timestamp: '2001-01-01 00:00:00.000001' })),
    }),
  },
  {
    change: 'cut-off',
    least: 2,
    make: (items) => ({ text: `the last block, ${items.length}, cut off`, items: items.slice(0, -1) }),
  },
  {
    change: 'taken-out',
    least: 3,
    make: (items) => ({
      text: `the record of block ${middleOf(items)} taken out: those behind it moved up, under the proofs that stand there`,
      items: relinked(takenOut(items, middleOf(items))),
    }),
  },
  {
    change: 'added',
    least: 1,
    make: (items) => ({
      text: `a block ${items.length + 1} added, with the signature of block 1 and a proof found without any key`,
      items: added(items),
    }),
  },
  {
    change: 'all-replaced',
    least: 2,
    make: (items) => ({
      text: 'the data of every record replaced, each under the signature of block 1, the links computed anew',
      items: relinked(
        replaced(items, all(items).slice(1), { data: FORGED, signature: items[0]?.block?.signature ?? '' }),
      ),
    }),
  },
];

/** Places are counted from 1. */
const all = (items: readonly ChainItem[]): number[] => items.map((_, i) => i + 1);
const middleOf = (items: readonly ChainItem[]): number => Math.ceil((items.length + 1) / 2);

type Fields = Readonly<Record<string, PythonValue>>;

function withFields(item: ChainItem, fields: Fields): ChainItem {
  const members = item.value as ReadonlyMap<string, PythonValue>;
  return chainItem(new Map([...members, ...Object.entries(fields)]));
}

function replaced(items: readonly ChainItem[], places: readonly number[], fields: Fields): ChainItem[] {
  const chosen = new Set(places);
  return items.map((item, i) => (chosen.has(i + 1) ? withFields(item, fields) : item));
}

function swapped(items: readonly ChainItem[], a: number, b: number): ChainItem[] {
  const dataOf = (place: number): PythonValue => items[place - 1]?.block?.data ?? '';
  return replaced(replaced(items, [a], { data: dataOf(b) }), [b], { data: dataOf(a) });
}

function takenOut(items: readonly ChainItem[], place: number): ChainItem[] {
  return items.slice(0, -1).map((item, i) => {
    const next = items[i + 1]?.block;
    if (i + 1 < place || !next) return item;
    return withFields(item, { data: next.data, timestamp: next.timestamp });
  });
}

function added(items: readonly ChainItem[]): ChainItem[] {
  const [first, last] = [items[0], items.at(-1)];
  if (!first?.block || !last?.block) return [...items];
  const block = withFields(first, {
    index: BigInt(items.length + 1),
    timestamp: last.block.timestamp,
    data: FORGED,
    proof: findProof(last.block.proof),
    previous_hash: hashOfItem(last),
  });
  return [...items, block];
}

/** The same blocks, each with the hash of the one that now stands before it. */
function relinked(items: readonly ChainItem[]): ChainItem[] {
  const linked: ChainItem[] = [];
  for (const item of items) {
    const before = linked.at(-1);
    linked.push(before === undefined ? item : withFields(item, { previous_hash: hashOfItem(before) }));
  }
  return linked;
}
