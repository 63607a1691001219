import { tmpdir } from 'node:os';
import { toHex } from '../bytes.js';
import { generateIdentity } from '../crypto/identity.js';
import { examine } from '../dataset/source/examine.js';
import { MedsealError } from '../errors.js';
import { findLimits } from './limits.js';
import { describeMachine, liesInMemory } from './machine.js';
import { findNotebook } from './notebook.js';
import type { BenchResult } from './result.js';
import { runGroups, type Watch } from './run.js';
import { PART_NAMES, QUICK, suite, WHOLE } from './suite/index.js';
import type { Plan, Setting, Table } from './suite/setting.js';
import { judgeTargets } from './targets.js';

export interface BenchOptions {
  /** Less than a minute, and not to be quoted. */
  readonly quick?: boolean;
  /** What is measured (`PART_NAMES`). Default: everything. */
  readonly parts?: readonly string[];
  /** Numbers of records, instead of the usual ones. */
  readonly sizes?: readonly number[];
  /** How often each measurement is taken. */
  readonly rounds?: number;
  /** Path of a table to compare with the notebook on. */
  readonly table?: string;
  /** Path of the notebook's script. */
  readonly notebook?: string;
  /** Where the ledgers are made that are measured. Default: the system's folder for temporary files. */
  readonly dir?: string;
}

/**
 * Measures Medseal on this machine, beside what the machine could do and, where it is there, beside the notebook.
 * @throws {MedsealError} `ABORTED`, with nothing left behind; `OUTPUT_INVALID`; `ARGUMENT_INVALID` for a table without
 *   records; what `examine` throws of it. A
 *   measurement that fails is in the result, with its reason.
 */
export async function runBenchmarks(options: BenchOptions, watch: Watch, signal: AbortSignal): Promise<BenchResult> {
  const start = performance.now();
  const [dir, plan] = [options.dir ?? tmpdir(), planFor(options)];
  const table = options.table === undefined ? null : await tableAt(options.table, signal);
  const [limits, notebook] = [await findLimits(signal), await findNotebook(options.notebook, signal)];
  const machine = describeMachine();
  const identity = await generateIdentity();
  const setting: Setting = {
    ...{ plan, limits, table, cores: machine.cores },
    notebook: typeof notebook === 'string' ? null : notebook,
    owner: { publicKey: identity.publicKey, key: toHex(identity.exportPrivateKey()) },
  };
  const figures = await runGroups(suite(setting, options.parts ?? PART_NAMES), dir, watch, signal);
  const notes = [`limits: ${limits.source}`];
  if (typeof notebook === 'string') notes.push(notebook);
  if (liesInMemory(dir)) notes.push('the ledgers lay in memory: on a disk, which has to be waited for, all is slower');
  return {
    date: new Date().toISOString(),
    quick: options.quick ?? false,
    machine,
    notes,
    figures,
    targets: judgeTargets(figures),
    seconds: (performance.now() - start) / 1000,
  };
}

function planFor({ quick, sizes, rounds }: BenchOptions): Plan {
  const plan = quick ? QUICK : WHOLE;
  const given = sizes === undefined ? {} : { sizes, chains: sizes, shared: sizes };
  return { ...plan, ...given, rounds: rounds ?? plan.rounds };
}

async function tableAt(path: string, signal: AbortSignal): Promise<Table> {
  const { rows, shape } = await examine(path, { signal });
  if (!rows)
    throw new MedsealError('ARGUMENT_INVALID', `${path} is no file with records to measure with`, { file: path });
  return { path, delimiter: shape.delimiter };
}
