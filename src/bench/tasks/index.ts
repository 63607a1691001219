import type { AccessTask } from './access.js';
import type { ChainTask } from './chain.js';
import type { Done } from './done.js';
import type { ExportTask } from './export-table.js';
import type { MineTask } from './mine.js';
import type { OpenTask } from './open.js';
import type { PrimitiveTask } from './primitive.js';
import type { ProveTask } from './prove.js';
import type { QueryTask } from './query.js';
import type { RowTask } from './row.js';
import type { SealTask } from './seal.js';
import type { SignaturesTask } from './signatures.js';
import type { VerifyTask } from './verify.js';

/** The tasks by name, with what each is told. */
export interface Tasks {
  access: AccessTask;
  chain: ChainTask;
  exportTable: ExportTask;
  mine: MineTask;
  open: OpenTask;
  primitive: PrimitiveTask;
  prove: ProveTask;
  query: QueryTask;
  row: RowTask;
  seal: SealTask;
  signatures: SignaturesTask;
  verify: VerifyTask;
}

/** A task for a process of its own. `warm` is the same task on little data: done first, not measured. */
export type Job = {
  [Name in keyof Tasks]: { readonly task: Name; readonly on: Tasks[Name]; readonly warm?: Tasks[Name] };
}[keyof Tasks];

type Task<On> = () => Promise<{ run(on: On): Promise<Done> }>;

/** Loaded one by one, so that each process holds only what its task needs. */
const tasks: { readonly [Name in keyof Tasks]: Task<Tasks[Name]> } = {
  access: () => import('./access.js'),
  chain: () => import('./chain.js'),
  exportTable: () => import('./export-table.js'),
  mine: () => import('./mine.js'),
  open: () => import('./open.js'),
  primitive: () => import('./primitive.js'),
  prove: () => import('./prove.js'),
  query: () => import('./query.js'),
  row: () => import('./row.js'),
  seal: () => import('./seal.js'),
  signatures: () => import('./signatures.js'),
  verify: () => import('./verify.js'),
};

/** Does a job in this process. @throws what the task throws */
export async function perform(job: Job): Promise<Done> {
  const { run } = (await tasks[job.task]()) as { run(on: Job['on']): Promise<Done> };
  if (job.warm !== undefined) await run(job.warm);
  return run(job.on);
}
