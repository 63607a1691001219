// A hospital's amount of records, and single things that are too large: each within memory that is written here.

import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, rmSync, statSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';
import { parquetMetadata } from 'hyparquet';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeKeyFile } from '../../src/keys/key-file.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { owner, temporaryFolder } from '../helpers/dataset-fixture.js';
import { type Ended, MAIN, run } from '../helpers/hostile-child.js';
import { reviews, writePieces } from '../helpers/hostile-tables.js';

const temporary = temporaryFolder();
const at = temporary.path;
const KEY = ['--key', 'owner.key'];

beforeAll(async () => {
  await writeKeyFile(at('owner.key'), owner);
});

/** Runs the command line; tells what it took, and demands that it stayed below. */
async function medseal(args: readonly string[], megabytes: number): Promise<Ended> {
  const ended = await run(MAIN, args, { cwd: at('.'), seconds: 300 });
  console.log(`medseal ${args.slice(0, 3).join(' ')}: ${ended.megabytes} MB at most, ${ended.seconds.toFixed(1)} s`);
  expect(ended.megabytes ?? 0).toBeLessThan(megabytes);
  return ended;
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(at(file), { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

describe.sequential('300,000 records, 1,000 a block', () => {
  const RECORDS = 300_000;
  const MOST = 300;
  const done = { status: 0, stderr: '' };

  beforeAll(() => {
    writePieces(at('reviews.csv'), reviews(RECORDS));
    expect(statSync(at('reviews.csv')).size / RECORDS).toBeGreaterThan(600);
  });

  test('are sealed', async () => {
    expect(await medseal(['init', 'l.medseal', ...KEY, '--difficulty', '8', '--quiet'], MOST)).toMatchObject(done);
    const args = ['seal', 'l.medseal', 'reviews.csv', ...KEY, '--block-size', '1000', '--quiet'];
    expect(await medseal(args, MOST)).toMatchObject(done);
  });

  test('verify', async () => {
    const { stdout } = await medseal(['verify', 'l.medseal', '--public-key', owner.publicKey, '--json'], MOST);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, records: RECORDS, problems: [] });
  });

  test('open to the same bytes', async () => {
    expect(await medseal(['open', 'l.medseal', ...KEY, '-o', 'opened.csv', '--quiet'], MOST)).toMatchObject(done);
    expect(await digest('opened.csv')).toBe(await digest('reviews.csv'));
    rmSync(at('opened.csv'));
  });

  test('open as Parquet and as Arrow, a batch at a time', async () => {
    const opened = async (format: string): Promise<Buffer> => {
      const args = ['open', 'l.medseal', ...KEY, '--format', format, '-o', `opened.${format}`, '--quiet'];
      expect(await medseal(args, 450)).toMatchObject(done);
      return readFileSync(at(`opened.${format}`));
    };
    const parquet = await opened('parquet');
    const file = parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.length) as ArrayBuffer;
    const { num_rows, row_groups } = parquetMetadata(file);
    expect(num_rows).toBe(BigInt(RECORDS));
    expect(row_groups.length).toBeGreaterThan(40);
    expect(tableFromIPC(await opened('arrow')).numRows).toBe(RECORDS);
    rmSync(at('opened.parquet'));
    rmSync(at('opened.arrow'));
  });

  test('are shown by status, and left alone when they are sealed again', async () => {
    const { stdout } = await medseal(['status', 'l.medseal', ...KEY, '--json'], MOST);
    expect(JSON.parse(stdout)).toMatchObject({ datasets: [{ rows: RECORDS, complete: true }] });
    const again = await medseal(['seal', 'l.medseal', 'reviews.csv', ...KEY, '--json'], MOST);
    expect(JSON.parse(again.stdout)).toMatchObject({ sealed: [{ already: true }] });
  });

  test('are exported, verified, imported and backed up', async () => {
    expect(await medseal(['export', 'l.medseal', '-o', 'l.ndjson', '--quiet'], MOST)).toMatchObject(done);
    expect(await medseal(['verify', 'l.ndjson', '--quiet'], MOST)).toMatchObject(done);
    expect(await medseal(['import', 'l.ndjson', 'imported.medseal', '--quiet'], MOST)).toMatchObject(done);
    expect(await medseal(['backup', 'l.medseal', 'backup.medseal', '--quiet'], MOST)).toMatchObject(done);
    expect(await medseal(['export', 'imported.medseal', '-o', 'again.ndjson', '--quiet'], MOST)).toMatchObject(done);
    expect(await digest('again.ndjson')).toBe(await digest('l.ndjson'));
    expect(await verifyLedger(at('backup.medseal'))).toMatchObject({ ok: true, records: RECORDS });
  });

  test('in blocks as large as they become', async () => {
    await medseal(['init', 'large.medseal', ...KEY, '--difficulty', '0', '--quiet'], MOST);
    const args = ['seal', 'large.medseal', 'reviews.csv', ...KEY, '--block-size', '65535', '--quiet'];
    expect(await medseal(args, 500)).toMatchObject(done);
    expect(await medseal(['open', 'large.medseal', ...KEY, '-o', 'opened.csv', '--quiet'], 500)).toMatchObject(done);
    expect(await digest('opened.csv')).toBe(await digest('reviews.csv'));
  });
});

describe('a field of 200 MB', () => {
  const piece = Buffer.alloc(1 << 20, 'text ');
  function* field(before: string, after: string): Generator<string | Uint8Array> {
    yield before;
    for (let i = 0; i < 200; i++) yield piece;
    yield after;
  }

  test.each([
    ['field.csv', 'a,b\n1,2\n3,"', '"\n4,5\n', 3],
    ['field.ndjson', '{"a":1}\n{"a":"', '"}\n{"a":2}\n', 2],
  ])('in %s is refused before anything is sealed', async (name, before, after, line) => {
    writePieces(at(name), field(before, after));
    await medseal(['init', `${name}.medseal`, ...KEY, '--difficulty', '0', '--quiet'], 300);
    for (const args of [
      ['seal', `${name}.medseal`, name, ...KEY, '--json'],
      ['seal', 'x', name, '--check', '--json'],
    ]) {
      const { status, stdout } = await medseal(args, 400);
      expect(status).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'RECORD_TOO_LARGE', line } });
    }
    expect(await verifyLedger(at(`${name}.medseal`))).toMatchObject({ ok: true, blocks: 1 });
    rmSync(at(name));
  });

  test('of 31 MB, the most there may be, is sealed and opened', async () => {
    writePieces(at('most.csv'), ['a,b\n1,"', ...Array<Uint8Array>(30).fill(piece), '"\n2,3\n']);
    await medseal(['init', 'most.medseal', ...KEY, '--difficulty', '0', '--quiet'], 300);
    expect(await medseal(['seal', 'most.medseal', 'most.csv', ...KEY, '--quiet'], 600)).toMatchObject({ status: 0 });
    await medseal(['open', 'most.medseal', ...KEY, '-o', 'most-opened.csv', '--quiet'], 600);
    expect(await digest('most-opened.csv')).toBe(await digest('most.csv'));
    await medseal(['export', 'most.medseal', '-o', 'most.ndjson', '--quiet'], 600);
    expect(await medseal(['import', 'most.ndjson', 'most2.medseal', '--quiet'], 600)).toMatchObject({ status: 0 });
  });
});

describe('many, and wide', () => {
  test.each([
    ['two columns', 'a,b\n', '7,1\n'],
    ['one column', 'a\n', '1\n'],
    ['empty lines of one column', 'a\n', '\n'],
  ])('ten million short rows of %s are judged', async (name, header, row) => {
    const file = `${name}.csv`;
    writePieces(at(file), [header, ...Array<string>(100).fill(row.repeat(100_000))]);
    const args = ['seal', 'x', file, '--check', '--delimiter', ',', '--json'];
    const { status, stdout } = await medseal(args, 350);
    // A blank line is a record of one empty field, or no record: either is an answer.
    if (row !== '\n') expect(JSON.parse(stdout)).toMatchObject({ checked: [{ rows: 10_000_000 }] });
    expect([0, 2]).toContain(status);
    rmSync(at(file));
  });

  test('200,000 short rows are sealed, verified and opened', async () => {
    writePieces(at('short.csv'), ['a,b\n', ...Array<string>(100).fill('7,1\n'.repeat(2000))]);
    await medseal(['init', 'short.medseal', ...KEY, '--difficulty', '0', '--quiet'], 300);
    const args = ['seal', 'short.medseal', 'short.csv', ...KEY, '--block-size', '10000', '--quiet'];
    expect(await medseal(args, 400)).toMatchObject({ status: 0 });
    expect(await medseal(['verify', 'short.medseal', '--quiet'], 400)).toMatchObject({ status: 0 });
    await medseal(['open', 'short.medseal', ...KEY, '-o', 'short-opened.csv', '--quiet'], 400);
    expect(await digest('short-opened.csv')).toBe(await digest('short.csv'));
  });

  test('rows of 700 columns', async () => {
    const columns = (text: (i: number) => string): string =>
      `${Array.from({ length: 700 }, (_, i) => text(i)).join(',')}\n`;
    const row = (id: number): string => columns((i) => (i % 9 === 0 ? `"${id}, ""${i}"""` : `${id * i}`));
    writePieces(at('wide.csv'), [columns((i) => `column ${i}`), ...Array.from({ length: 5000 }, (_, i) => row(i))]);
    await medseal(['init', 'wide.medseal', ...KEY, '--difficulty', '0', '--quiet'], 300);
    const args = ['seal', 'wide.medseal', 'wide.csv', ...KEY, '--block-size', '100', '--quiet'];
    expect(await medseal(args, 300)).toMatchObject({ status: 0 });
    await medseal(['open', 'wide.medseal', ...KEY, '-o', 'wide-opened.csv', '--quiet'], 300);
    expect(await digest('wide-opened.csv')).toBe(await digest('wide.csv'));
    const { stdout } = await medseal(['open', 'wide.medseal', ...KEY, '--rows', '7', '--columns', 'column 699,2'], 300);
    const fields = readFileSync(at('wide.csv'), 'utf8').split('\n')[7]!.split(',');
    expect(stdout.split('\n')[1]).toBe(`${fields.at(-1)},${6}`);
  });
});
