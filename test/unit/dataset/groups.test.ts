// Column groups as people ask for them, and parts that nobody should have sealed.

import { describe, expect, test } from 'vitest';
import { distinctNames, placeOf } from '../../../src/dataset/column-names.js';
import { assignColumns, parseGroup, recordJoiner, recordSplitter } from '../../../src/dataset/groups.js';
import type { MedsealError } from '../../../src/errors.js';

const COLUMNS = ['id', 'name', 'ssn', 'dob', 'drug', 'drug'];

function refusal(run: () => unknown): MedsealError {
  try {
    run();
  } catch (error) {
    return error as MedsealError;
  }
  throw new Error('nothing was refused');
}

describe('a group is written', () => {
  test.each([
    ['identity=name,ssn', { name: 'identity', columns: ['name', 'ssn'] }],
    ['clinical=*', { name: 'clinical', columns: ['*'] }],
    ['a=b=c', { name: 'a', columns: ['b=c'] }],
    ['e\u0301=1', { name: 'é', columns: ['1'] }],
  ])('%s', (text, choice) => {
    expect(parseGroup(text)).toEqual(choice);
  });

  test.each(['identity', '=name', '7=name', 'a\tb=name', `${'x'.repeat(201)}=name`, '\ud800=name'])(
    'not %j',
    (text) => {
      expect(refusal(() => parseGroup(text)).code).toBe('GROUP_INVALID');
    },
  );
});

describe('columns are dealt out', () => {
  const assigned = (...texts: string[]) => assignColumns(texts.map(parseGroup), COLUMNS);

  test('by name, by number, and all others', () => {
    expect(assigned('identity=ssn,2,dob', 'clinical=*')).toEqual([
      { name: 'identity', columns: [1, 2, 3] },
      { name: 'clinical', columns: [0, 4, 5] },
    ]);
    expect(assigned('a=*')).toEqual([{ name: 'a', columns: [0, 1, 2, 3, 4, 5] }]);
    expect(assigned('a=drug.1,*', 'b=drug')).toEqual([
      { name: 'a', columns: [0, 1, 2, 3, 5] },
      { name: 'b', columns: [4] },
    ]);
  });

  test.each([
    ['a column left over', ['identity=name,ssn'], 'GROUP_INVALID'],
    ['a column twice', ['identity=name', 'clinical=2,*'], 'GROUP_INVALID'],
    ['a column twice in one group', ['identity=name,name', 'clinical=*'], 'GROUP_INVALID'],
    ['a name twice', ['identity=name', 'identity=*'], 'GROUP_INVALID'],
    ['all others twice', ['identity=*', 'clinical=*'], 'GROUP_INVALID'],
    ['a group without columns', ['identity=id,name,ssn,dob,drug,drug.1', 'clinical=*'], 'GROUP_INVALID'],
    ['an empty list', ['identity=', 'clinical=*'], 'COLUMN_UNKNOWN'],
    ['an unknown column', ['identity=nmae', 'clinical=*'], 'COLUMN_UNKNOWN'],
    ['a number beyond the last', ['identity=7', 'clinical=*'], 'COLUMN_UNKNOWN'],
  ])('but not %s', (_, texts, code) => {
    expect(refusal(() => assigned(...texts)).code).toBe(code);
  });

  test('and of an unknown name the nearest ones are shown', () => {
    const { message } = refusal(() => placeOf(distinctNames(['patient', 'Named', 'drug', 'name', 'dose']), 'nmae'));
    const shown = ['name', 'Named'].map((name) => message.indexOf(`"${name}"`));
    expect(shown[0]).toBeGreaterThan(0);
    expect(shown[1]).toBeGreaterThan(shown[0]!);
    expect(message).not.toContain('patient');
  });
});

describe('no record is made of', () => {
  const layout = [[0, 2], [1]];
  const join = (...parts: (string | null)[]) =>
    recordJoiner(layout, { delimiter: ',', terminator: '\n', whole: true })(
      parts.map((part) => (part === null ? null : Buffer.from(part))),
    );

  test('parts that have not the fields of their groups', () => {
    expect(Buffer.from(join('a,c\n', 'b')!).toString()).toBe('a,b,c\n');
    expect(join('a,b,c\n', 'b')).toBeNull();
    expect(join('a\n', 'b')).toBeNull();
    expect(join('a,c\n', 'b,b')).toBeNull();
  });

  test('a part that ends a line within the record, or leaves a quote open', () => {
    for (const part of ['b\n', 'a\nb', 'a\rb', '"a"\nb', '"b', '"b""']) expect(join('a,c\n', part)).toBeNull();
    for (const part of ['"a\nb"', '"a""b"c"d', 'a"b']) expect(join('a,c\n', part)).not.toBeNull();
  });

  test('no part at all', () => {
    expect(join(null, null)).toBeNull();
    expect(Buffer.from(join(null, 'b')!).toString()).toBe(',b,\n');
    expect(Buffer.from(join('a,c', null)!).toString()).toBe('a,,c\n');
  });
});

test('a byte-order mark is that of column 0 alone', () => {
  const header = Buffer.from('\ufeff"a,1",\ufeff"b,2"\n');
  const layout = [[1, 2], [0]];
  const parts = recordSplitter(layout, ',')(header, true);
  expect(parts.map((part) => Buffer.from(part).toString())).toEqual(['\ufeff"b,2"\n', '\ufeff"a,1"']);
  const join = recordJoiner(layout, { delimiter: ',', terminator: '\n', whole: true });
  expect(Buffer.from(join(parts, true)!).equals(header)).toBe(true);
});
