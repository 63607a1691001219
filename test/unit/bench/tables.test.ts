import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeFirst } from '../../../src/bench/suite/tables.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medseal-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [0, 'a,b\r\n'],
  [1, 'a,b\r\n1,"x\ny"\r\n'],
  [2, 'a,b\r\n1,"x\ny"\r\n2,z\r\n'],
  [3, 'a,b\r\n1,"x\ny"\r\n2,z\r\n1,"x\ny"\r\n'],
  [5, 'a,b\r\n1,"x\ny"\r\n2,z\r\n1,"x\ny"\r\n2,z\r\n1,"x\ny"\r\n'],
])('the first %d records of a table of two', async (records, expected) => {
  const [table, path] = [join(folder, 'table.csv'), join(folder, 'first.csv')];
  writeFileSync(table, 'a,b\r\n1,"x\ny"\r\n2,z');
  await writeFirst(table, path, records, new AbortController().signal);
  expect(readFileSync(path, 'utf8')).toBe(expected);
});
