import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PYTHON } from './python.js';

const SCRIPT = fileURLToPath(new URL('../interop/notebook.py', import.meta.url));
const PYTHONS = ['/usr/bin/python3', PYTHON];

const python = PYTHONS.find((each) => ask(each, { do: 'versions' }) !== null);

/** Why the notebook's libraries cannot be asked; null where they can. With CI=true they have to be there. */
export const missing: string | null =
  python !== undefined || process.env.CI === 'true'
    ? null
    : 'skipped: no Python with the notebook’s libraries (apt-get install python3-ecdsa python3-pycryptodome python3-pandas)';
if (missing !== null) console.log(missing);

/** Asks the notebook's libraries (test/interop/notebook.py). */
export function askPython<Answer>(request: Readonly<Record<string, unknown>>): Answer {
  const answer = ask(python ?? PYTHON, request);
  if (answer === null) throw new Error('the notebook’s libraries do not answer');
  return answer as Answer;
}

function ask(command: string, request: Readonly<Record<string, unknown>>): unknown {
  const input = JSON.stringify(request);
  const { status, stdout, stderr } = spawnSync(command, [SCRIPT], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0 && request.do !== 'versions') console.error(stderr);
  return status === 0 ? JSON.parse(stdout) : null;
}

export interface SealedByPython {
  readonly chain: readonly Record<string, unknown>[];
  readonly keys: { readonly private: string; readonly public: string };
  readonly texts: readonly string[];
}

export interface ReadByPython {
  readonly valid: readonly boolean[];
  readonly linked: readonly boolean[];
  readonly worked: readonly boolean[];
  readonly texts: readonly string[];
  readonly rows: readonly Record<string, string>[];
}

export interface Frame {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly texts: readonly string[];
}
