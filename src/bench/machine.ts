import { statfsSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What figures depend on, and nothing that names the machine. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** In bytes. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  readonly openssl: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    openssl: process.versions.openssl ?? 'none',
  };
}

/** Linux's number for a file system that lies in memory (statfs(2)). */
const TMPFS = 0x01021994;

/** Whether a folder lies in memory, where nothing has to wait for a disk. */
export function liesInMemory(folder: string): boolean {
  return process.platform === 'linux' && statfsSync(folder).type === TMPFS;
}
