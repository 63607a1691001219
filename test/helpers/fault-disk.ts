// A small disk that can be filled.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Disk {
  readonly path: (name: string) => string;
  /** Leaves this much room, in kB; all of it where nothing is given. */
  leave(kilobytes?: number): void;
  /** Gives it another size. */
  resize(megabytes: number): void;
  /** Unmounts it. */
  remove(): void;
}

/** A disk of this size in memory; null, with a line that says so, where this machine does not let us mount one (with CI=true that fails). */
export function smallDisk(megabytes: number): Disk | null {
  const folder = mkdtempSync(join(tmpdir(), 'medseal-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch (error) {
    rmSync(folder, { recursive: true });
    if (process.env.CI === 'true') throw error;
    console.log('skipped: a small disk cannot be mounted here (it needs Linux and root)');
    return null;
  }
  const path = (name: string): string => join(folder, name);
  const ballast = path('ballast');
  return {
    path,
    leave(kilobytes) {
      rmSync(ballast, { force: true });
      if (kilobytes === undefined) return;
      const free = Number(execFileSync('df', ['--output=avail', '-k', folder], { encoding: 'utf8' }).split('\n')[1]);
      writeFileSync(ballast, Buffer.alloc(Math.max(0, free - kilobytes) * 1024));
    },
    resize: (size) => void execFileSync('mount', ['-o', `remount,size=${size}m`, folder]),
    remove() {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
