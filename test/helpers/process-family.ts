import { readdirSync, readFileSync } from 'node:fs';

/** A process and those that it has started, as Linux tells of them (proc_pid_task(5)). */
export function processFamily(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean),
    );
    return [pid, ...children.flatMap((child) => processFamily(Number(child)))];
  } catch {
    // It has ended while it was looked at.
    return [pid];
  }
}
