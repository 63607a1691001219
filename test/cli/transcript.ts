import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * A transcript is what a person would see: lines that begin with "$ " are typed, the rest is what comes back.
 * Standard error stands behind standard output, its lines marked "! "; an exit code other than 0 is told at the end.
 * What differs from run to run (keys, hashes, times) is replaced by its kind in angle brackets.
 */

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LIBSQL = fileURLToPath(import.meta.resolve('libsql'));

const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\b0[23][0-9a-f]{64}\b/g, '<key>'],
  [/\b[0-9a-f]{64}\b/g, '<hash>'],
  [/\b[0-9a-f]{32}\b/g, '<id>'],
  [/\b[0-9a-f]{12}\b/g, '<short>'],
  [/\b[0-9a-f]{16}(?=-\d+-\d+")/g, '<ledger>'],
  [/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==/g, '<base64>'],
  [/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{91}=/g, '<signature>'],
  [/(?:(?<![A-Za-z0-9+/])|(?<=\\n))[A-Za-z0-9+/]{43}=/g, '<root>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?/g, '<time>'],
  [/[A-Za-z0-9+/*]{9}(?=\.\.\.\[encrypted\])/g, '<data>'],
  [/\b\d+\.\d+ s\b/g, '<seconds>'],
  [/\b\d+\.\d [kM]B\b/g, '<size>'],
  [/(Proof: +)\d+/g, '$1<proof>'],
  [/("proof": )\d+/g, '$1<proof>'],
  [/("seconds": )[\d.]+/g, '$1<seconds>'],
  [/("bytes": )\d{4,}/g, '$1<bytes>'],
];

/** Runs the typed lines of a transcript in a fresh folder and gives the whole transcript as it came out. */
export function replay(transcript: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'medseal-transcript-'));
  try {
    const bin = makeBin(folder);
    const out: string[] = [];
    // Only what is typed and what is remarked is taken from the transcript; the answers come anew.
    for (const line of transcript.split('\n')) {
      if (line.startsWith('$ ')) out.push(line, ...type(line.slice(2), folder, bin));
      else if (line.startsWith('#')) out.push(...(out.length > 0 ? [''] : []), line);
    }
    return `${out.join('\n')}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function type(command: string, cwd: string, bin: string): string[] {
  const { MEDSEAL_KEY, MEDSEAL_PASSPHRASE, ...environment } = process.env;
  const result = spawnSync('bash', ['-c', command], {
    cwd: join(cwd, 'work'),
    env: { ...environment, LIBSQL: LIBSQL, PATH: `${bin}:${process.env.PATH}`, NO_COLOR: '1' },
    encoding: 'utf8',
    input: '',
  });
  const lines = [
    ...linesOf(result.stdout),
    ...linesOf(result.stderr).map((line) => `! ${line}`),
    ...(result.status === 0 ? [] : [`[exit ${result.status}]`]),
  ];
  return lines.map((line) => VOLATILE.reduce((text, [pattern, kind]) => text.replace(pattern, kind), line));
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** `medseal` as installed, and `public-key FILE` for use within a typed line. */
function makeBin(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  mkdirSync(join(folder, 'work'));
  const commands = {
    medseal: `exec "${process.execPath}" "${MAIN}" "$@"`,
    'public-key': `medseal key show "$1" | sed -n 's/^ *public key *//p'`,
  };
  for (const [name, body] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}
