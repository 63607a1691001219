import { readFileSync } from 'node:fs';
import type { Answer } from './process.js';
import { type Job, perform } from './tasks/index.js';

/*
 * Runs as a process of its own: is sent one job, answers, ends. So every figure starts from the same state, and the
 * memory that it took is its own.
 */

process.once('disconnect', () => process.exit());
process.once('message', (job: Job) => {
  void answer(job).then((message) => process.send?.(message, () => process.disconnect()));
});

async function answer(job: Job): Promise<Answer> {
  try {
    return { ...(await perform(job)), peakBytes: peakBytes() };
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return { failure: [code, message].filter((part) => part !== undefined).join(': ') };
  }
}

/**
 * The most memory that this process has held, in bytes. Linux counts into `maxRSS` what the parent held when it started
 * the process; VmHWM (proc_pid_status(5)) is the process's own.
 */
function peakBytes(): number {
  const [, kibibytes] = process.platform === 'linux' ? (/^VmHWM:\s*(\d+) kB$/m.exec(ownStatus()) ?? []) : [];
  return 1024 * (kibibytes === undefined ? process.resourceUsage().maxRSS : Number(kibibytes));
}

function ownStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
