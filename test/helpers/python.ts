// The Python whose libraries our files are compared with. `.ci/run` makes one that has them all.

import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';

const NAMED = process.env.MEDSEAL_TEST_PYTHON || 'python3';

/**
 * A Python interpreter; MEDSEAL_TEST_PYTHON names another than the first on the path. It is its own path, since a name can
 * stand for another interpreter in another folder or shell; the name itself where there is none.
 */
export const PYTHON: string =
  spawnSync(NAMED, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim() || NAMED;

/** Whether that Python has these modules. Where not, says once how to get them, for the suite that is skipped. */
export function pythonHas(...modules: readonly string[]): boolean {
  const { status } = spawnSync(PYTHON, ['-c', `import ${['sys', ...modules].join(', ')}`]);
  if (status !== 0) {
    const packages = '"./clients/python[test]" pyarrow duckdb polars ecdsa pycryptodomex';
    const how = `python3 -m venv V && V/bin/pip install ${packages}, then MEDSEAL_TEST_PYTHON=V/bin/python3`;
    console.warn(`skipped: ${PYTHON} has not all of ${modules.join(', ')}; to have them: ${how}`);
  }
  return status === 0;
}

/** What a script prints, which has to succeed. */
export function runPython(script: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(PYTHON, [script, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(status, stderr).toBe(0);
  return stdout;
}
