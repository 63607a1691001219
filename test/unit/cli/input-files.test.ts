import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inputFiles, namesFor } from '../../../src/cli/input-files.js';
import { refusal, temporaryFolder } from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const at = temporary.path;
mkdirSync(at('sub'));
for (const name of ['v-2.csv', 'v-10.csv', 'v-1.csv.gz', 'w.csv', 'sub/v-3.csv', '[x].csv', 'x.csv', '.hidden.csv'])
  temporary.file(name, 'a\n');

describe('the files that are meant', () => {
  test.each<[string[], string[]]>([
    [
      ['w.csv', 'v-2.csv'],
      ['w.csv', 'v-2.csv'],
    ],
    [['v-*'], ['v-1.csv.gz', 'v-10.csv', 'v-2.csv']],
    [
      ['w.csv', 'v-{2,10}.csv'],
      ['w.csv', 'v-10.csv', 'v-2.csv'],
    ],
    [['**/v-?.csv'], ['sub/v-3.csv', 'v-2.csv']],
    // A file that is called so is meant by its name.
    [['[x].csv'], ['[x].csv']],
    [['nowhere.csv'], ['nowhere.csv']],
  ])('%j', async (given, expected) => {
    expect(await inputFiles(given.map(at))).toEqual(expected.map(at));
  });

  test('standard input is none of them', async () => {
    expect(await inputFiles(['-'])).toEqual(['-']);
    expect((await refusal(inputFiles(['-', '-']))).code).toBe('USAGE');
  });

  test('a pattern that fits no file is refused, and so is one that fits folders only', async () => {
    for (const pattern of ['n-*.csv', 'su*']) {
      expect(await refusal(inputFiles([at(pattern)]))).toMatchObject({
        code: 'FILE_UNREADABLE',
        place: { file: at(pattern) },
      });
    }
  });

  test('a file is given once, by whatever names', async () => {
    const twice = [
      ['w.csv', 'w.csv'],
      ['w.csv', 'sub/../w.csv'],
      ['v-2.csv', 'v-*'],
      ['none.csv', './none.csv'],
    ];
    if (process.platform !== 'win32') {
      symlinkSync('w.csv', at('link.csv'));
      twice.push(['w.csv', 'link.csv']);
    }
    for (const given of twice)
      expect((await refusal(inputFiles(given.map((one) => at('.') + `/${one}`)))).code).toBe('USAGE');
  });
});

describe('the names of their data sets', () => {
  test('are those of the files, without extension and compression, or one for all', () => {
    expect(namesFor(['a.csv', 'x/b.csv.gz', 'c.d.ndjson.ZST', 'e'], undefined)).toEqual(['a', 'b', 'c.d', 'e']);
    expect(namesFor(['a.csv', '-'], 'x')).toEqual(['x', 'x']);
  });

  test.each<[string[], string | undefined, string]>([
    [['a.csv', 'b/a.csv'], undefined, 'USAGE'],
    [['a.csv', 'a.csv.gz'], undefined, 'USAGE'],
    [['-'], undefined, 'USAGE'],
    [['a.csv'], '', 'DATASET_NAME_INVALID'],
  ])('%j, %j: %s', async (files, given, code) => {
    expect((await refusal(() => namesFor(files, given))).code).toBe(code);
  });
});
