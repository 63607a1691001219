import type { Limits } from '../limits.js';
import type { Notebook } from '../notebook.js';
import { outside, type Step } from '../step.js';

/** How much is measured. */
export interface Plan {
  /** Numbers of records. */
  readonly sizes: readonly number[];
  /** Numbers of records of the ledgers with one record a block, each sealed as people seal. */
  readonly chains: readonly number[];
  /** Numbers of records of the ledgers that people are let into and subjects are erased from: a small one, a large one. */
  readonly shared: readonly number[];
  /** How many subjects are erased from each, and how many of them one by one. */
  readonly subjects: number;
  readonly oneByOne: number;
  /** Rounds of each group. */
  readonly rounds: number;
  /** How many nonces a miner tries in a round, on average. */
  readonly nonces: number;
  /** Records sealed one a block with proofs of work of the usual difficulty. */
  readonly worked: number;
  /** Records that the notebook seals. */
  readonly notebook: number;
}

/** A table that a person has. */
export interface Table {
  readonly path: string;
  readonly delimiter: string;
}

/** What all groups of one run share. */
export interface Setting {
  readonly plan: Plan;
  readonly cores: number;
  readonly limits: Limits;
  /** Null where it cannot be measured. */
  readonly notebook: Notebook | null;
  /** A table to compare with the notebook on; null for a generated one. */
  readonly table: Table | null;
  /** The owner of all ledgers that are made, itself made for this run: public and private key, hex. */
  readonly owner: { readonly publicKey: string; readonly key: string };
}

const LONG = 1_000_000;

/** Three rounds of a million tell as much as more of a thousand. */
export function roundsFor(records: number, { rounds }: Plan): number {
  return records >= LONG ? Math.min(rounds, 3) : rounds;
}

/** The processor's limits, as steps that others of the group stand beside. */
export function limitSteps({ limits }: Setting, ...algorithms: readonly ('sha256' | 'aes-256-gcm')[]): Step[] {
  return algorithms.map((algorithm) => ({
    id: algorithm,
    what: `limit: ${algorithm === 'sha256' ? 'SHA-256' : 'AES-256-GCM'}, one core`,
    unit: 'bytes/s',
    take: outside((signal) => limits.bytesASecond(algorithm, signal)),
  }));
}
