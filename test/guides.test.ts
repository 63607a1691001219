// Every guide in docs/guides is followed word for word. Its `sh` blocks are typed in order, in one folder that is empty
// at first; a `text` block is what the `sh` block before it prints, with "…" for what differs from run to run (a line
// of "…" alone: any lines). A block below "<!-- not run -->" is one that fetches and installs.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { withoutPolars } from './helpers/polars.js';
import { PYTHON, pythonHas } from './helpers/python.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const guides = join(root, 'docs/guides');

interface Step {
  readonly commands: string;
  /** What they must print; null where the guide does not say. */
  readonly prints: string | null;
  readonly line: number;
}

function stepsOf(guide: string): Step[] {
  const steps: Step[] = [];
  for (const match of guide.matchAll(/(<!-- not run -->\n+)?^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const [, notRun, language, text = ''] = match;
    const last = steps.at(-1);
    const line = guide.slice(0, match.index).split('\n').length;
    if (language === 'sh' && notRun === undefined) steps.push({ commands: text, prints: null, line });
    else if (language === 'text' && last !== undefined) steps[steps.length - 1] = { ...last, prints: text };
  }
  return steps;
}

/** The modules that the steps' Python imports. */
function modulesOf(steps: readonly Step[]): string[] {
  const text = steps.map(({ commands }) => commands).join('');
  const imported = [...text.matchAll(/^(?:import|from) (\w+)/gm)].map(([, name]) => name ?? '');
  return [...new Set([...imported, ...(/^python3? -m medseal/m.test(text) ? ['medseal'] : [])])];
}

/** Types the steps in one shell and gives what each printed, standard error among it. */
function follow(steps: readonly Step[], folder: string): { printed: string[]; shell: SpawnSyncReturns<string> } {
  const mark = '== end of step ==';
  const script = steps.map(({ commands }) => `${commands}echo '${mark}'\n`).join('');
  const bin = join(folder, 'bin');
  const work = join(folder, 'work');
  mkdirSync(bin);
  mkdirSync(join(work, 'node_modules'), { recursive: true });
  symlinkSync(root, join(work, 'node_modules/medseal'), 'dir');
  const commands = {
    medseal: `exec "${process.execPath}" "${join(root, 'dist/cli/main.js')}" "$@"`,
    npx: 'shift\nexec medseal "$@"',
    // The interpreter that has been asked for its modules, whatever else is on the path.
    python: `exec "${PYTHON}" "$@"`,
    python3: `exec "${PYTHON}" "$@"`,
  };
  for (const [name, body] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const shell = spawnSync('bash', ['-c', `exec 2>&1; set -euo pipefail\n${script}`], {
    cwd: work,
    encoding: 'utf8',
    input: '',
    env: {
      ...process.env,
      PATH: [bin, process.env.PATH].join(delimiter),
      MEDSEAL_PASSPHRASE: 'correct horse battery staple',
      NO_COLOR: '1',
    },
  });
  return { printed: shell.stdout.split(`${mark}\n`), shell };
}

function patternOf(text: string): RegExp {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = escaped.replace(/^…\n/gm, '(?:.*\\n)*?').replace(/ *… */g, '.*');
  return new RegExp(`^${pattern}$`);
}

const pages = readdirSync(guides).filter((file) => file.endsWith('.md'));

test('there are guides, and each has something to follow', () => {
  expect(pages.length).toBeGreaterThan(0);
  for (const page of pages) expect(stepsOf(readFileSync(join(guides, page), 'utf8')).length).toBeGreaterThan(2);
});

describe.each(pages)('docs/guides/%s', (page) => {
  const guide = readFileSync(join(guides, page), 'utf8');
  // A frame of polars is made where it can be; the rest of its guide is followed everywhere.
  const steps = stepsOf(guide).filter(({ commands }) => !(withoutPolars && commands.includes('toDataFrame')));
  const modules = modulesOf(steps);

  test.skipIf(modules.length > 0 && !pythonHas(...modules))('does what it says', () => {
    const folder = mkdtempSync(join(tmpdir(), 'medseal-guide-'));
    try {
      const { printed, shell } = follow(steps, folder);
      for (const [i, { prints, line }] of steps.entries()) {
        const where = `${page}, block at line ${line}`;
        if (i >= printed.length - 1) expect.fail(`${where}: ended with ${shell.status}\n${printed[i]}`);
        if (prints !== null) expect.soft(printed[i], where).toMatch(patternOf(prints));
      }
      expect(shell.status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('points to files that are there', () => {
    const links = [...guide.matchAll(/\]\(([^)#:]+)[^)]*\)/g)].map(([, path]) => path ?? '');
    for (const path of links) expect(() => readFileSync(join(guides, path))).not.toThrow(/ENOENT/);
  });
});
