import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runJob } from '../process.js';
import { milliseconds, outside, rate, type Step } from '../step.js';
import type { SealTask } from '../tasks/seal.js';
import type { Setting } from './setting.js';
import { writeReviews } from './tables.js';

/** A ledger to measure with. */
export interface LedgerShape {
  /** Names its files. */
  readonly name: string;
  readonly folder: string;
  /** The table that is sealed into it. */
  readonly csv: string;
  readonly records: number;
  readonly blockSize: number;
  readonly difficulty: number;
}

/** What can be measured of a ledger. `seal` makes it, anew each time; the others work on what is there. */
export interface Workflow {
  /** Makes what the measured code is warmed up with. */
  prepare(signal: AbortSignal): Promise<void>;
  readonly seal: Step['take'];
  readonly verify: Step['take'];
  /** With the signatures left out that the newest block vouches for. */
  readonly quick: Step['take'];
  readonly open: Step['take'];
  readonly row: Step['take'];
  readonly prove: Step['take'];
  /** Of the largest proof that `prove` has made. */
  readonly proofBytes: Step['take'];
  /** Of the ledger's file against the table's. */
  readonly size: Step['take'];
  /** Bytes of the table, and of the ledger, for each record. */
  csvBytes(): number;
  ledgerBytes(): number;
}

/** Leading zero bits, as `medseal init` has them. */
export const DIFFICULTY = 16;
/** For ledgers of which mining is not what is measured: there is work to check, and next to none to do. */
export const LITTLE_WORK = 4;
/** Enough for the compiler to have seen everything that is called often. */
const WARM_BLOCKS = 2;
const WARM_RECORDS = 200;
const ROWS = 100;

/** The measurements of one ledger, each in a process of its own that warms up on a small one. */
export function workflow({ owner }: Setting, shape: LedgerShape): Workflow {
  const { folder, name, csv, records, blockSize } = shape;
  const at = (suffix: string): string => join(folder, `${name}${suffix}`);
  const [ledger, warmLedger] = [at('.medseal'), at('-warm.medseal')];
  const [output, proof] = [at('-opened.csv'), at('.proof')];
  const warmCsv = at('-warm.csv');
  const warmRecords = Math.min(records, Math.max(WARM_RECORDS, WARM_BLOCKS * blockSize));
  const { publicKey, key } = owner;

  const sealing: SealTask = { csv, ledger, key, records, blockSize, difficulty: shape.difficulty };
  const little = { csv: warmCsv, ledger: warmLedger, records: warmRecords };
  const warmSealing: SealTask = { ...sealing, ...little, difficulty: LITTLE_WORK };
  const on = { ledger, owner: publicKey, key, records, csv, output, proof, rows: ROWS };
  const warm = { ...on, ...little };
  const bytes = (path: string): number => statSync(path).size / records;
  return {
    async prepare(signal) {
      await writeReviews(warmCsv, warmRecords, signal);
      await runJob({ task: 'seal', on: warmSealing }, signal);
    },
    seal(signal) {
      for (const path of [ledger, warmLedger]) removeLedger(path);
      return rate({ task: 'seal', on: sealing, warm: warmSealing })(signal);
    },
    verify: rate({ task: 'verify', on, warm }),
    quick: rate({ task: 'verify', on: { ...on, quick: true }, warm: { ...warm, quick: true } }),
    open: rate({ task: 'open', on, warm }),
    row: milliseconds({ task: 'row', on, warm }),
    prove: milliseconds({ task: 'prove', on, warm }),
    proofBytes: outside(() => statSync(proof).size),
    size: outside(() => bytes(ledger) / bytes(csv)),
    csvBytes: () => bytes(csv),
    ledgerBytes: () => bytes(ledger),
  };
}

/** Removes a ledger, with what SQLite may have left beside it. */
export function removeLedger(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}
