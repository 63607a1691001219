// What a person sees who sits at a terminal: bars, and words that never stand behind one.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { writeKeyFile } from '../../src/keys/key-file.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { owner, seal, temporaryFolder } from '../helpers/dataset-fixture.js';
import { MAIN } from '../helpers/hostile-child.js';

const temporary = temporaryFolder();

/** Runs the command line with a terminal of its own, and gives all that it has shown. */
function atTerminal(...args: string[]): { status: number | null; shown: string } {
  const command = [process.execPath, MAIN, ...args].map((part) => `'${part}'`).join(' ');
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: temporary.path('.'),
    encoding: 'utf8',
    input: '',
    timeout: 100_000,
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
  });
  return { status, shown: stdout };
}

// The program of this name on other systems takes other options.
describe.skipIf(process.platform !== 'linux' || !existsSync('/usr/bin/script'))('at a terminal', () => {
  test('a command that fails behind its bar ends, and says so on a line of its own', async () => {
    await writeKeyFile(temporary.path('owner.key'), owner);
    const ledger = await createLedger(temporary.path('l.medseal'), owner, { difficulty: 0 });
    await seal(ledger, 'a\n1\n', { name: 'x' });
    await ledger.close();
    const { status, shown } = atTerminal('open', 'l.medseal', '--key', 'owner.key', '--dataset', 'y', '-o', 'out.csv');
    expect(status).toBe(2);
    expect(shown).toContain('0 of 4 blocks');
    // The bar is wiped off first: the cursor goes to the beginning of the line, and the line is cleared.
    const [before = ''] = shown.split('medseal: ');
    expect(before.endsWith('\u001b[K') || before.endsWith('\u001b[2K') || before.endsWith('\u001b[0J')).toBe(true);
  });

  test('several files have one bar over the bytes of all, and one summary', async () => {
    const table = `id,text\n${Array.from({ length: 300 }, (_, i) => `${i},row\n`).join('')}`;
    for (const name of ['one.csv', 'two.csv', 'three.csv']) temporary.file(name, table);
    await writeKeyFile(temporary.path('several.key'), owner);
    const ledger = await createLedger(temporary.path('several.medseal'), owner, { difficulty: 0 });
    await ledger.close();
    const files = ['one.csv', 'two.csv', 'three.csv'];
    const { status, shown } = atTerminal('seal', 'several.medseal', ...files, '--key', 'several.key');
    expect(status).toBe(0);
    const total = `${((3 * table.length) / 1000).toFixed(1)} kB`;
    const bars = [...shown.matchAll(/ of ([\d.]+ \w+) · [^·]*\/s/g)].map(([, of]) => of);
    expect(new Set(bars)).toEqual(new Set([total]));
    expect(shown.match(/Sealed /g)).toHaveLength(1);
    expect(shown).toContain('Sealed 3 files, 900 rows.');
    // The bar is gone before the summary is said.
    const [before = ''] = shown.split('Sealed 3 files');
    expect(before.endsWith('\u001b[K') || before.endsWith('\u001b[2K') || before.endsWith('\u001b[0J')).toBe(true);
  });
});
