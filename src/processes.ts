import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/*
 * Which process it was, and whether it still runs: a number alone is given to another process later, and means another
 * process elsewhere.
 */

/** Where process numbers mean the same: this machine since it was started, and this container. 8 hex digits. */
export function machine(): string {
  const bootId = orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const processNamespace = orEmpty(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256').update([hostname(), bootId, processNamespace].join('\0')).digest('hex').slice(0, 8);
}

/**
 * Whether that very process runs, and not a later one of the same number. Where in doubt, it does.
 * @param started what `startOf` said of it; `"0"` for not known
 */
export function isRunning(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const start = startOf(pid);
  return start === null || started === '0' || start === started;
}

/**
 * When a process began, in the ticks of Linux's clock (proc_pid_stat(5), field 22); null where that is not told. One
 * that has ended, and whose parent has not looked yet, has an empty text.
 */
export function startOf(pid: number): string | null {
  const text = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The command's name, in parentheses, may have blanks and parentheses of its own.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const start = fields[18];
  if (start === undefined) return null;
  return state === 'Z' || state === 'X' ? '' : start;
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
