// The benchmarks as a person runs them, on next to no data: what they say, not how fast it is.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BenchResult, Figure } from '../../src/bench/result.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LITTLE = ['bench', '--quick', '--records', '30', '--rounds', '2'];

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medseal-test-'));
  mkdirSync(at('work'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const environment = { ...process.env, NO_COLOR: '1', ...env };
  return spawn(process.execPath, [MAIN, ...args, '--dir', at('work')], { cwd: folder, env: environment });
}

async function medseal(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  const child = start(args, env);
  const parts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (parts.stdout += chunk));
  child.stderr?.on('data', (chunk) => (parts.stderr += chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...parts };
}

function find(figures: readonly Figure[], id: string): Figure {
  const found = figures.find((figure) => figure.id === id);
  expect(found, id).toBeDefined();
  return found!;
}

describe('medseal bench', () => {
  test('prints a table and writes the same as JSON; nothing is left behind', async () => {
    const { status, stdout, stderr } = await medseal([...LITTLE, '-o', 'result.json']);
    expect({ status, stdout: status === 0 ? '' : stdout }).toEqual({ status: 0, stdout: '' });
    expect(readdirSync(at('work'))).toEqual([]);
    expect(stderr).toContain('measuring: blocks of 1,000 records, 30 records\n');

    const result = JSON.parse(readFileSync(at('result.json'), 'utf8')) as BenchResult;
    expect(result).toMatchObject({ quick: true, machine: { node: process.versions.node } });
    expect(stdout).toContain(result.machine.cpu);
    for (const { what } of result.targets) expect(stdout).toContain(`  ${what}  `);
    for (const figure of result.figures) {
      expect(figure).toMatchObject({ failure: null, summary: { runs: expect.any(Array) } });
      expect(stdout).toContain(`\n  ${figure.what}  `);
      const { least, median, most } = figure.summary!;
      expect(least).toBeGreaterThan(0);
      expect(least <= median && median <= most).toBe(true);
    }
  }, 240_000);

  test('has what a process held, and stands beside limits', async () => {
    const { figures } = JSON.parse(readFileSync(at('result.json'), 'utf8')) as BenchResult;
    const sealed = find(figures, 'blocks/seal');
    expect(sealed).toMatchObject({ records: 30, unit: 'records/s', comparisons: [{ with: 'limit' }] });
    expect(sealed.summary?.runs).toHaveLength(2);
    expect(sealed.peakBytes).toBeGreaterThan(30e6);
    // What is a limit is not passed: whatever the machine is doing, the ledger is hashed and more.
    expect(find(figures, 'blocks/verify').comparisons[0]?.times.median).toBeLessThan(1);
    expect(find(figures, 'blocks/size').summary?.median).toBeGreaterThan(1);
  });

  test('says why something was not measured, and fails', async () => {
    writeFileSync(at('notebook.py'), 'import sys\nsys.exit("no such chain")\n');
    const python = at('python3');
    // Has all libraries, and fails at everything else.
    writeFileSync(python, '#!/bin/sh\n[ "$1" = -c ] || { echo "no such chain" >&2; exit 1; }\n', { mode: 0o755 });
    const args = [...LITTLE, '--only', 'notebook', '--notebook', at('notebook.py'), '--json'];
    const { status, stdout } = await medseal(args, { PATH: `${folder}:${process.env.PATH}` });
    expect(status).toBe(3);
    const { figures, targets } = JSON.parse(stdout) as BenchResult;
    const failed = figures.filter(({ failure }) => failure !== null);
    expect(failed.map(({ id }) => id)).toEqual(['notebook/seal', 'notebook/open', 'notebook/size']);
    expect(failed[0]).toMatchObject({ summary: null, failure: expect.stringContaining('no such chain') });
    expect(targets.find(({ what }) => what.includes('against the notebook'))?.reached).toBeNull();
  }, 240_000);

  test('ends at once when it is interrupted, and leaves nothing behind', async () => {
    const child = start([...LITTLE, '--only', 'blocks']);
    const closed = once(child, 'close');
    for await (const chunk of child.stderr!)
      if (String(chunk).includes('blocks of 1,000 records')) child.kill('SIGINT');
    expect(await closed).toEqual([3, null]);
    expect(readdirSync(at('work'))).toEqual([]);
  }, 240_000);

  test.each([
    ['--records', '0'],
    ['--records', '10,many'],
    ['--rounds', '0'],
    ['--only', 'mining,nothing'],
    ['--table', 'nowhere.csv'],
    ['--output', 'nowhere/result.json'],
  ])('is refused %s %s, before anything is measured', async (...wrong) => {
    const { status, stderr } = await medseal([...LITTLE, ...wrong]);
    expect(status).toBe(2);
    expect(stderr).not.toContain('measuring');
    expect(readdirSync(at('work'))).toEqual([]);
  });
});
