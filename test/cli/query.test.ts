// What SQL reads is in memory, and nowhere else.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleReviews } from '../../src/dataset/sample.js';
import { writeKeyFile } from '../../src/keys/key-file.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { owner, seal } from '../helpers/dataset-fixture.js';
import { MAIN } from '../helpers/hostile-child.js';
import { processFamily } from '../helpers/process-family.js';

const root = mkdtempSync(join(tmpdir(), 'medseal-query-'));
const places = ['cwd', 'tmp', 'home'].map((name) => join(root, name));
const ledgerFolder = join(root, 'ledger');

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What was made or changed in any of the places, at any time. */
  readonly touched: readonly string[];
  /** Files that the process had open for writing. */
  readonly writable: readonly string[];
}

beforeAll(async () => {
  for (const place of [...places, ledgerFolder]) mkdirSync(place);
  await writeKeyFile(join(ledgerFolder, 'owner.key'), owner);
  const ledger = await createLedger(join(ledgerFolder, 'l.medseal'), owner, { difficulty: 0 });
  await seal(ledger, sampleReviews(), { name: 'reviews', blockSize: 100 });
  await ledger.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function query(...args: string[]): Promise<Ran> {
  const [cwd = '', temporary = '', home = ''] = places;
  const touched: string[] = [];
  const watchers = places.map((place) => watch(place, (event, name) => touched.push(`${event} ${place} ${name}`)));
  const environment = { PATH: process.env.PATH, TMPDIR: temporary, TMP: temporary, TEMP: temporary, HOME: home };
  const options = { cwd, env: environment };
  const paths = [join(ledgerFolder, 'l.medseal'), '--key', join(ledgerFolder, 'owner.key')];
  const child = spawn(process.execPath, [MAIN, 'query', ...paths, ...args], options);
  const writable = new Set<string>();
  const seen = new Set<number>();
  const looking = setInterval(() => {
    for (const process of processFamily(child.pid)) {
      seen.add(process);
      for (const file of openForWriting(process)) writable.add(file);
    }
  }, 10);
  const [stdout, stderr] = [child.stdout, child.stderr].map(async (stream) => {
    let text = '';
    for await (const part of stream) text += String(part);
    return text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(looking);
  // The one that was asked, and the one that answered.
  expect(seen.size).toBe(2);
  for (const watcher of watchers) watcher.close();
  for (const place of places) touched.push(...readdirSync(place).map((name) => `left ${join(place, name)}`));
  return { code, stdout: (await stdout) ?? '', stderr: (await stderr) ?? '', touched, writable: [...writable] };
}

/** The files on disk that a process has open for writing, also such as have no name any more. */
function openForWriting(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const flags = /flags:\s+0?(\d+)/.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      const isWritable = (Number.parseInt(flags, 8) & 3) !== 0;
      return isWritable && target.startsWith('/') && !target.startsWith('/dev/') ? [target] : [];
    });
  } catch {
    // It has ended, or a file has been closed while it was looked at.
    return [];
  }
}

describe('a query', () => {
  test('of everything leaves nothing anywhere', async () => {
    const { code, stdout, touched, writable } = await query(
      'SELECT * FROM reviews ORDER BY "benefitsReview"',
      '--format',
      'csv',
    );
    expect(code).toBe(0);
    expect(stdout.split('\n').length).toBeGreaterThan(300);
    expect(touched).toEqual([]);
    expect(writable.filter((file) => !file.startsWith(ledgerFolder))).toEqual([]);
  });

  // Other databases would go on in a temporary file now.
  test('that takes more memory than it may fails, and leaves nothing', async () => {
    const sql =
      "SELECT x, count(*) FROM (SELECT repeat('x', 10000) || i || id AS x FROM reviews, range(100) t(i)) GROUP BY 1 ORDER BY 1";
    const { code, stdout, stderr, touched, writable } = await query(sql, '--memory', '64MB');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('--memory');
    expect(touched).toEqual([]);
    expect(writable.filter((file) => !file.startsWith(ledgerFolder))).toEqual([]);
  });

  test('leaves nothing beside the ledger either', async () => {
    const before = readdirSync(ledgerFolder).sort();
    const { code, stdout } = await query('SELECT count(*) FROM reviews', '--format', 'csv');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'count_star()\n300\n' });
    expect(readdirSync(ledgerFolder).sort()).toEqual(before);
  });
});
