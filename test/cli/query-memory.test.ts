// What a query takes is bounded for the whole process, and what became of it is said.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeKeyFile } from '../../src/keys/key-file.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { owner, seal } from '../helpers/dataset-fixture.js';
import { MAIN } from '../helpers/hostile-child.js';
import { processFamily } from '../helpers/process-family.js';

const folder = mkdtempSync(join(tmpdir(), 'medseal-query-memory-'));

beforeAll(async () => {
  await writeKeyFile(join(folder, 'owner.key'), owner);
  await writeKeyFile(join(folder, 'locked.key'), owner, { passphrase: 'a passphrase' });
  const ledger = await createLedger(join(folder, 'l.medseal'), owner, { difficulty: 0 });
  await seal(ledger, 'id,name\n1,a\n2,b\n', { name: 'people' });
  await ledger.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(args: readonly string[], { key = 'owner.key', file = null as number | null } = {}): ChildProcess {
  const all = [MAIN, 'query', 'l.medseal', '--key', key, '--threads', '2', ...args];
  const environment = { PATH: process.env.PATH };
  return spawn(process.execPath, all, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', file ?? 'ignore'],
  });
}

interface Ended {
  readonly code: number | null;
  readonly killedBy: string | null;
  readonly stdout: number;
  readonly stderr: string;
  /** The most that any process of the command has held, as the system counts it. */
  readonly peak: number;
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr, peak] = [0, '', 0];
  child.stdout?.on('data', (part: Buffer) => {
    stdout += part.length;
  });
  child.stderr?.on('data', (part: Buffer) => {
    stderr += part;
  });
  const looking = setInterval(() => {
    for (const process of processFamily(child.pid)) peak = Math.max(peak, peakOf(process));
  }, 5);
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  clearInterval(looking);
  return { code, killedBy, stdout, stderr, peak };
}

const run = (...args: string[]): Promise<Ended> => ended(start(args));

function peakOf(pid: number): number {
  try {
    return 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

describe('a query that may take 200 MB', () => {
  // 200 MB, 350 MB and two threads with 25 MB each; 200 MB for what comes together before the watch looks, on a busy machine.
  const MOST = (200 + 350 + 2 * 25 + 200) * 1e6;

  test.each([
    ['one value of a gigabyte', "SELECT repeat('x', 1000000000)"],
    ['many large values', "SELECT repeat('x', 1000000) FROM range(3000)"],
    ['one value that only JavaScript has no room for', "SELECT repeat('x', 400000000)"],
    ['a list of many values', 'SELECT range(20000000)'],
    ['what is worked out before there are records', "SELECT * FROM range(length(repeat('x', 4000000000)))"],
  ])('takes no more for %s, and says so', async (_, sql) => {
    const { code, killedBy, stderr, peak } = await run('--memory', '200MB', '--format', 'csv', sql);
    expect({ code, killedBy }).toEqual({ code: 3, killedBy: null });
    expect(stderr).toMatch(/^medseal: .*memory.*\n$/);
    expect(peak).toBeGreaterThan(20e6);
    expect(peak).toBeLessThan(MOST);
  });

  test('has a code for that, and leaves no unfinished file', async () => {
    const sql = "SELECT repeat('x', 1000000) FROM range(3000)";
    const child = start(['--memory', '200MB', '--json', '-o', 'out.csv', sql]);
    let said = '';
    child.stdout?.on('data', (part) => {
      said += part;
    });
    const { code } = await ended(child);
    expect(code).toBe(3);
    expect(said).toContain('"code": "MEMORY_EXCEEDED"');
    expect(readdirSync(folder).filter((name) => name.startsWith('out'))).toEqual([]);
  });
});

describe('a query', () => {
  test('with large values that it may take writes them', async () => {
    const sql = "SELECT repeat('x', 1000000) FROM range(300)";
    expect(await run('--format', 'csv', sql)).toMatchObject({ code: 0, stderr: '', stdout: expect.any(Number) });
    expect((await run('--format', 'csv', sql)).stdout).toBeGreaterThan(300e6);
  });

  test('is interrupted as a whole, wherever that is heard', async () => {
    const child = start(['SELECT count(*) FROM range(100000000000) a(i) WHERE i % 7 = 3']);
    const ending = ended(child);
    await until(() => processFamily(child.pid).length > 1);
    const [, second = 0] = processFamily(child.pid);
    await sleep(1500);
    child.kill('SIGINT');
    expect(await ending).toMatchObject({ code: 3, stderr: 'medseal: interrupted\n' });
    expect(() => process.kill(second, 0)).toThrow();
  });

  test('does not outlive the process that was asked', async () => {
    const child = start(['SELECT count(*) FROM range(100000000000) a(i) WHERE i % 7 = 3']);
    const ending = once(child, 'exit');
    await until(() => processFamily(child.pid).length > 1);
    const [, second = 0] = processFamily(child.pid);
    await sleep(1500);
    child.kill('SIGKILL');
    await ending;
    await until(() => !runs(second));
  });

  test('whose process is killed from outside says so', async () => {
    const child = start(['SELECT count(*) FROM range(100000000000) a(i) WHERE i % 7 = 3']);
    const ending = ended(child);
    await until(() => processFamily(child.pid).length > 1);
    process.kill(processFamily(child.pid)[1] ?? 0, 'SIGKILL');
    expect(await ending).toMatchObject({ code: 3, stderr: expect.stringContaining('SIGKILL') });
  });

  // As `--passphrase-file <(…)` and `3< file` do.
  test('reads files that the shell has opened for it', async () => {
    writeFileSync(join(folder, 'passphrase'), 'a passphrase\n');
    const file = openSync(join(folder, 'passphrase'), 'r');
    try {
      const args = ['--passphrase-file', '/dev/fd/3', '--format', 'csv', 'SELECT count(*) FROM people'];
      expect(await ended(start(args, { key: 'locked.key', file }))).toMatchObject({ code: 0, stderr: '', stdout: 15 });
    } finally {
      closeSync(file);
    }
  });
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

/** A process that has ended and that nobody has asked after yet runs no more. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
