import { toHex } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { type BlockItem, isReadable } from '../format/block.js';
import { keyIdOf, rowOf } from '../format/entry.js';
import type { EraseStatement } from '../format/statement.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerState } from '../verify/state.js';
import { trailOf } from './trail.js';

/** Which records of a data set are to be erased. */
export interface ErasureRequest {
  /** Ids of all keys that the groups have had. */
  readonly keyIds: readonly string[];
  /** First and last row, or single ones; all rows and the header row where it is not given. */
  readonly rows?: { readonly from: number; readonly to: number } | ReadonlySet<number>;
  /** The numbers of the blocks that hold all versions of these rows, where that is known: only they are read. */
  readonly blocks?: ReadonlySet<number>;
  /** Why, and on what basis in law; 1 to 200 characters each, public for ever. */
  readonly reason: string;
  readonly basis: string;
}

/** A statement has at most 1 MiB, and the place of a record at most 24 characters. */
const MOST_ENTRIES = 40_000;

/**
 * The statements that erase records: those of the rows, and every other version of them. What is erased already is left
 * out.
 * @returns none where all of it is erased already
 * @throws {MedsealError} `ARGUMENT_INVALID` where there are no such records
 */
export async function eraseStatements(
  ledger: Ledger,
  state: LedgerState,
  dataset: string,
  { keyIds, rows, blocks, reason, basis }: ErasureRequest,
): Promise<EraseStatement[]> {
  const keys = new Set(keyIds);
  const wanted = (row: number): boolean => {
    if (rows === undefined) return true;
    const original = state.data.amendments.get(dataset)?.originals.get(row) ?? row;
    return 'from' in rows ? original >= rows.from && original <= rows.to : rows.has(original);
  };
  const entries: [number, number][] = [];
  let found = 0;
  for await (const item of read(ledger, blocks, state.datasets.get(dataset)?.block ?? 1)) {
    if (!isReadable(item)) continue;
    for (const [position, entry] of item.entries.entries()) {
      if (entry.kind !== 'sealed') continue;
      if (!wanted(rowOf(entry.bytes)) || !keys.has(toHex(keyIdOf(entry.bytes)))) continue;
      found++;
      if (!state.isErased(item.header.index, position)) entries.push([item.header.index, position]);
    }
  }
  if (found === 0) throw new MedsealError('ARGUMENT_INVALID', 'the data set has none of these rows');
  const statements: EraseStatement[] = [];
  for (let at = 0; at < entries.length; at += MOST_ENTRIES) {
    statements.push({ kind: 'erase', entries: entries.slice(at, at + MOST_ENTRIES), reason, basis });
  }
  return statements;
}

/** @param from where the reading begins, if nothing says which blocks they are */
async function* read(ledger: Ledger, blocks: ReadonlySet<number> | undefined, from: number): AsyncGenerator<BlockItem> {
  if (blocks === undefined) return yield* ledger.blocks({ from, bodies: false });
  for (const block of [...blocks].sort((a, b) => a - b)) {
    yield* ledger.blocks({ from: block, to: block, bodies: false });
  }
}

/** An erasure that covers some records: where it is said, and on what basis. */
export interface Covering<Place> {
  readonly block: number;
  readonly basis: string;
  /** The records that it covers. */
  readonly covered: readonly Place[];
}

/** The erasures that cover some records of a ledger that has been verified, the first first. */
export async function coveringErasures<Place extends { readonly block: number; readonly entry: number }>(
  ledger: Ledger,
  places: readonly Place[],
): Promise<Covering<Place>[]> {
  const wanted = new Map(places.map((place) => [`${place.block} ${place.entry}`, place]));
  const found: Covering<Place>[] = [];
  for await (const { block, statement } of trailOf(ledger, { kinds: ['erase'] })) {
    if (statement.kind !== 'erase') continue;
    const covered = statement.entries.flatMap((place) => {
      const found = wanted.get(place.join(' '));
      wanted.delete(place.join(' '));
      return found ?? [];
    });
    if (covered.length > 0) found.push({ block, basis: statement.basis, covered });
  }
  return found;
}
