// Header lines of every sort, and what becomes of their columns.

import { expect, test } from 'vitest';
import { openDataset } from '../../../src/dataset/open.js';
import { ndjsonBytes, originalBytes } from '../../../src/dataset/output.js';
import { joined, newLedger, opened, owner, refusal, seal } from '../../helpers/dataset-fixture.js';

async function namesOf(text: string | Uint8Array): Promise<string[] | undefined> {
  const ledger = await newLedger();
  await seal(ledger, text);
  return (await openDataset(ledger, owner)).info.manifest?.columns.map(({ name }) => name);
}

async function asJson(text: string | Uint8Array, columns?: string[]): Promise<string> {
  const ledger = await newLedger();
  await seal(ledger, text);
  return (
    await joined(ndjsonBytes(await openDataset(ledger, owner), columns === undefined ? {} : { columns }))
  ).toString();
}

async function asCsv(text: string | Uint8Array, columns: string[]): Promise<string> {
  const ledger = await newLedger();
  await seal(ledger, text);
  return (await joined(originalBytes(await openDataset(ledger, owner), { columns }))).toString();
}

test('a header line alone is a data set without rows', async () => {
  for (const text of ['a,b\r\n', 'a,b', '\ufeff"a",b\r', '\n']) {
    const ledger = await newLedger();
    expect(await seal(ledger, text)).toMatchObject({ rows: 0, sealed: 0, already: false });
    expect((await opened(ledger)).toString()).toBe(text);
    expect((await openDataset(ledger, owner)).info).toMatchObject({ rows: 0, complete: true });
    expect(await seal(ledger, text)).toMatchObject({ rows: 0, already: true });
  }
});

test('names are what the header line says', async () => {
  expect(await namesOf('a,"b ""c""","d\r\n,e",\n')).toEqual(['a', 'b "c"', 'd\r\n,e', '']);
  expect(await namesOf('\ufeff"a" ,b\n')).toEqual(['a ', 'b']);
  expect(await namesOf(Buffer.from('Stra\xdfe,b\n', 'latin1'))).toEqual(['Straße', 'b']);
  expect(await namesOf(' a ,\u0000,\u202e\n')).toEqual([' a ', '\u0000', '\u202e']);
});

test('duplicate and empty names are told apart in JSON', async () => {
  expect(await asJson('a,a,,a,,a.1\n1,2,3,4,5,6\n')).toBe('{"a":"1","a.2":"2","":"3","a.3":"4",".1":"5","a.1":"6"}\n');
  expect(await asJson('__proto__,constructor\n1,2\n')).toBe('{"__proto__":"1","constructor":"2"}\n');
});

test('values in JSON are text as the file says it', async () => {
  expect(await asJson('a,b\n"1 ""x""\r\n", 2 \n,""\n')).toBe('{"a":"1 \\"x\\"\\r\\n","b":" 2 "}\n{"a":"","b":""}\n');
  expect(await asJson(Buffer.from('a\n\xe9\n', 'latin1'))).toBe('{"a":"é"}\n');
});

test('columns are chosen by name or position, in any order and twice', async () => {
  const text = '\ufeffid,"na,me",id\r\n1,"x\n",3\r\n4,,6';
  expect(await asCsv(text, ['na,me', 'id'])).toBe('"na,me",id\r\n"x\n",1\r\n,4');
  expect(await asCsv(text, ['3', '1', '3'])).toBe('id,id,id\r\n3,1,3\r\n6,4,6');
  expect(await asJson(text, ['3', 'id'])).toBe('{"id.1":"3","id":"1"}\n{"id.1":"6","id":"4"}\n');
});

test('a name counts before a position', async () => {
  expect(await asCsv('2,1\na,b\n', ['1'])).toBe('1\nb\n');
  expect(await asCsv('2,1\na,b\n', ['2'])).toBe('2\na\n');
});

test('an unknown column is refused, and the known ones are named', async () => {
  for (const wanted of ['c', '0', '3', '-1', '1.0', '']) {
    const error = await refusal(asCsv('a,b\n1,2\n', [wanted]));
    expect(error.code).toBe('COLUMN_UNKNOWN');
    expect(error.message).toContain('"a", "b"');
    expect((await refusal(asJson('a,b\n1,2\n', [wanted]))).code).toBe('COLUMN_UNKNOWN');
  }
});

test('a record that is empty for the chosen columns still is a line', async () => {
  const ledger = await newLedger();
  await seal(ledger, 'a,b\n,x');
  await seal(ledger, 'a,b\n1,2\n', { append: true });
  const dataset = await openDataset(ledger, owner);
  expect((await joined(originalBytes(dataset, { columns: ['a'] }))).toString()).toBe('a\n\n1\n');
});

test('NDJSON has no columns to choose from', async () => {
  const ledger = await newLedger();
  await seal(ledger, '{"a":1}\n', { format: 'ndjson' });
  const dataset = await openDataset(ledger, owner);
  expect((await refusal(joined(originalBytes(dataset, { columns: ['a'] })))).code).toBe('ARGUMENT_INVALID');
});
