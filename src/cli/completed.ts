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

/** Hears of erasures that are completed when a ledger is opened for writing, and tells of them. */
export interface Completing {
  /** To be handed to the writer. */
  readonly onCompleted: (records: readonly RecordPlace[]) => void;
  /** By which blocks' statements what has been destroyed, once the ledger has been verified. */
  tell(): Promise<CompletedErasure[]>;
}

export function completing(ledger: Ledger, { note }: Pick<Terminal, 'note'>): Completing {
  let destroyed: readonly RecordPlace[] = [];
  return {
    onCompleted(records) {
      destroyed = records;
    },
    async tell() {
      if (destroyed.length === 0) return [];
      const erasures = await coveringErasures(ledger, destroyed);
      const completed = erasures.map(({ block, covered }) => ({ block, records: covered.length }));
      for (const { block, records } of completed) {
        note(
          `Completed the erasure that block ${block} says, which had been interrupted: ${count(records, 'record')} destroyed in this file. "medseal certificate --block ${block}" certifies it, once the owner has signed that block, one behind it or a checkpoint.`,
        );
      }
      return completed;
    },
  };
}
