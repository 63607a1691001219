import { existsSync } from 'node:fs';
import { runProgram } from './process.js';

/** The original notebook's workflow as a Python script, and a Python that runs it. */
export interface Notebook {
  readonly python: string;
  readonly script: string;
}

/** Where the script is looked for when nobody says where it is. */
const SCRIPT = 'notebook.py';
const PYTHONS = ['python3', '/usr/bin/python3', 'python'];
const LIBRARIES = ['import ecdsa, pandas', 'try: import Cryptodome', 'except ImportError: import Crypto'].join('\n');

/**
 * The notebook, or the reason why it is not measured.
 * @param script path of the script: `seal DATA ROWS CHAIN KEY DELIMITER` and `open CHAIN KEY DATA`, each of which prints a
 *   line of JSON with `records` and `seconds`
 */
export async function findNotebook(script: string = SCRIPT, signal: AbortSignal): Promise<Notebook | string> {
  if (!existsSync(script)) return `the notebook is not measured: there is no ${script} (--notebook names it)`;
  for (const python of PYTHONS) {
    const has = await runProgram(python, ['-c', LIBRARIES], signal).catch(() => null);
    if (has !== null) return { python, script };
  }
  return 'the notebook is not measured: no Python with ecdsa, pandas and pycryptodome is found';
}

/** Runs one of the script's two commands. @returns records a second */
export async function runNotebook(notebook: Notebook, args: readonly string[], signal: AbortSignal): Promise<number> {
  const { stdout } = await runProgram(notebook.python, [notebook.script, ...args], signal);
  const { records, seconds } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
  return Number(records) / Number(seconds);
}
