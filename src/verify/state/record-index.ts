import type { InspectedEntry } from '../inspect.js';

/**
 * Which entries of which blocks are sealed records, and each one's serial number: records are counted from 0 in the
 * order of the ledger. Blocks that follow each other and hold their records in the same positions share one row of the
 * table, so that a million blocks of one record are one row.
 */
export interface RecordIndex {
  /** First and last block of each row, ascending. */
  readonly from: number[];
  readonly to: number[];
  /** Which positions: `first × 2^16 + count` where they follow each other, otherwise all of them. */
  readonly positions: (number | readonly number[])[];
  /** The serial number of the row's first record. */
  readonly serial: number[];
  /** The serial number of the next record. */
  next: number;
}

const SPAN = 0x1_0000;

export function noRecords(): RecordIndex {
  return { from: [], to: [], positions: [], serial: [], next: 0 };
}

/** Takes note of a block, which comes after all that are there. Returns the serial number of its first record. */
export function indexBlock(index: RecordIndex, block: number, entries: readonly InspectedEntry[]): number {
  const serial = index.next;
  const positions = positionsOf(entries);
  if (positions === null) return serial;
  index.next += countOf(positions);
  const last = index.to.length - 1;
  if (index.to[last] === block - 1 && index.positions[last] === positions) {
    index.to[last] = block;
  } else {
    index.from.push(block);
    index.to.push(block);
    index.positions.push(positions);
    index.serial.push(serial);
  }
  return serial;
}

function positionsOf(entries: readonly InspectedEntry[]): number | readonly number[] | null {
  let first = -1;
  let end = 0;
  let count = 0;
  for (let i = 0; i < entries.length; i++) {
    if (entries[i]?.kind !== 'sealed') continue;
    if (first < 0) first = i;
    end = i + 1;
    count++;
  }
  if (count === 0) return null;
  if (end - first === count) return first * SPAN + count;
  const positions: number[] = [];
  for (let i = first; i < end; i++) if (entries[i]?.kind === 'sealed') positions.push(i);
  return positions;
}

function countOf(positions: number | readonly number[]): number {
  return typeof positions === 'number' ? positions % SPAN : positions.length;
}

/** A record's serial number; null where there is no record in this place of an accepted block. */
export function serialAt(index: RecordIndex, block: number, position: number): number | null {
  const row = lastUpTo(index.from, block);
  const [from, to, positions] = [index.from[row], index.to[row], index.positions[row]];
  if (from === undefined || to === undefined || positions === undefined || block > to) return null;
  const within = rankOf(positions, position);
  return within === null ? null : (index.serial[row] ?? 0) + (block - from) * countOf(positions) + within;
}

function rankOf(positions: number | readonly number[], position: number): number | null {
  if (typeof positions === 'number') {
    const rank = position - Math.floor(positions / SPAN);
    return rank >= 0 && rank < positions % SPAN ? rank : null;
  }
  const rank = lastUpTo(positions, position);
  return positions[rank] === position ? rank : null;
}

/** Where the record of a serial number stands. */
export function placeOf(index: RecordIndex, serial: number): { block: number; entry: number } {
  const row = lastUpTo(index.serial, serial);
  const positions = index.positions[row] ?? 1;
  const within = serial - (index.serial[row] ?? 0);
  const count = countOf(positions);
  const rank = within % count;
  const entry = typeof positions === 'number' ? Math.floor(positions / SPAN) + rank : (positions[rank] ?? 0);
  return { block: (index.from[row] ?? 0) + Math.floor(within / count), entry };
}

/** The last of ascending numbers that is not beyond the value; −1 for none. */
function lastUpTo(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
