import { coveringErasures } from '../access/erasure.js';
import type { Ledger } from '../ledger/ledger.js';
import type { RecordPlace } from '../verify/state.js';
import { count, type Terminal } from './terminal.js';

/** An erasure that had been interrupted, and whose records were destroyed when the ledger was opened for writing. */
export interface CompletedErasure {
  /** The block that says it. */
  readonly block: number;
  /** How many records were still there. */
  readonly records: number;
}

/** By which blocks' statements records have been destroyed, in a ledger that has been verified. */
export async function completedErasures(ledger: Ledger, records: readonly RecordPlace[]): Promise<CompletedErasure[]> {
  if (records.length === 0) return [];
  const erasures = await coveringErasures(ledger, records);
  return erasures.map(({ block, covered }) => ({ block, records: covered.length }));
}

export function tellCompleted(completed: readonly CompletedErasure[], { note }: Pick<Terminal, 'note'>): void {
  for (const { block, records } of completed) {
    note(
      `Completed the erasure that block ${block} says, which had been interrupted: ${count(records, 'record')} destroyed in this file. "medseal certificate --block ${block}" certifies it.`,
    );
  }
}
