// Files and folders that fail for real: full, not writable, missing, something else than a file, changed by others.
// The command line says so in one line, ends with the right code, and leaves neither loss nor litter.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealDataset } from '../../src/dataset/seal.js';
import { examine } from '../../src/dataset/source/examine.js';
import { writeKeyFile } from '../../src/keys/key-file.js';
import { createLedger, openLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { opened, owner, refusal, seal, temporaryFolder, verified } from '../helpers/dataset-fixture.js';
import { type Disk, smallDisk } from '../helpers/fault-disk.js';
import { type ChildOptions, type Ended, MAIN, run } from '../helpers/hostile-child.js';

const temporary = temporaryFolder();
const at = temporary.path;
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const CSV = `id,text\n${Array.from({ length: 400 }, (_, i) => `${i},"row ${i} ${'x'.repeat(500)}"\n`).join('')}`;

const medseal = (args: readonly string[], options: ChildOptions = {}): Promise<Ended> =>
  run(MAIN, args, { cwd: at('.'), seconds: 100, ...options });

function expectFailure({ status, stdout, stderr }: Ended, code: number, message: RegExp): void {
  expect({ status, stderr }).toEqual({ status: code, stderr: expect.stringMatching(message) });
  expect(stdout).toBe('');
  // One line for people, and no stack trace.
  expect(stderr).not.toMatch(/^\s+at |node:|unexpected/m);
}

const litter = (folder: string): string[] => readdirSync(folder).filter((name) => /\.tmp|-journal|-wal/.test(name));

beforeAll(async () => {
  temporary.file('rows.csv', CSV);
  await writeKeyFile(at('owner.key'), owner);
  const ledger = await createLedger(at('l.medseal'), owner, { difficulty: 0 });
  await sealDataset(ledger, owner, at('rows.csv'), { name: 'rows', blockSize: 20 });
  await ledger.close();
  expect((await medseal(['export', 'l.medseal', '-o', 'l.ndjson'])).status).toBe(0);
  chmodSync(at('.'), 0o755);
});

/** Commands that write a file, by the file that they are told to write. */
const WRITERS: Readonly<Record<string, (file: string) => string[]>> = {
  open: (file) => ['open', 'l.medseal', '--key', 'owner.key', '-o', file],
  export: (file) => ['export', 'l.medseal', '-o', file],
  import: (file) => ['import', 'l.ndjson', file],
  backup: (file) => ['backup', 'l.medseal', file],
  init: (file) => ['init', file, '--key', 'owner.key', '--difficulty', '0'],
  keygen: (file) => ['keygen', '-o', file, '--no-passphrase'],
};

describe.each(Object.entries(WRITERS))('%s', (command, args) => {
  test('into a folder that is not there', async () => {
    expectFailure(await medseal(args('nowhere/file')), 2, /no such folder/);
  });

  test('onto a folder', async () => {
    mkdirSync(at(`folder-${command}`));
    expectFailure(await medseal(args(`folder-${command}`)), 2, /folder|is there already/);
    expect(readdirSync(at(`folder-${command}`))).toEqual([]);
    expect(litter(at('.'))).toEqual([]);
  });

  test.skipIf(!isRoot)('into a folder that may not be written', async () => {
    const folder = at(`closed-${command}`);
    mkdirSync(folder, { mode: 0o755 });
    // The other user reads the key as its own.
    const theirs = at(`theirs-${command}.key`);
    copyFileSync(at('owner.key'), theirs);
    chownSync(theirs, NOBODY, NOBODY);
    const given = args(`closed-${command}/file`).map((arg) => (arg === 'owner.key' ? theirs : arg));
    expectFailure(await medseal(given, { uid: NOBODY }), 3, /permission|EACCES|cannot be opened for writing/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full device', () => {
  test.each(['open', 'export'])('told to %s', async (command) => {
    expectFailure(await medseal(WRITERS[command]!('/dev/full')), 3, /the disk is full/);
    // It is still the device, and nothing lies beside it.
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
    expect(readdirSync('/dev').filter((name) => name.startsWith('full'))).toEqual(['full']);
  });

  test.each(['open', 'export'])('as standard output of %s', async (command) => {
    const stdout = openSync('/dev/full', 'w');
    expectFailure(await medseal(WRITERS[command]!('-').slice(0, -2), { stdout }), 3, /the disk is full/);
  });

  test.skipIf(!existsSync('/dev/null'))('nor does a null device become a file', async () => {
    expect((await medseal(WRITERS.export!('/dev/null'))).status).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('a small disk', () => {
  let disk: Disk | null = null;
  beforeAll(() => {
    disk = smallDisk(4);
  });
  afterAll(() => disk?.remove());

  test.each(['open', 'export', 'import', 'backup'])('too small for %s', async (command) => {
    if (disk === null) return;
    for (const room of [0, 40, 150]) {
      disk.leave(room);
      const file = disk.path('file');
      expectFailure(await medseal(WRITERS[command]!(file)), 3, /the disk is full/);
      expect(readdirSync(disk.path('.'))).toEqual(['ballast']);
    }
    disk.leave();
    const file = disk.path('file');
    expect((await medseal(WRITERS[command]!(file))).status).toBe(0);
    if (command === 'open') expect(readFileSync(file, 'utf8')).toBe(CSV);
    if (command === 'export') expect(readFileSync(file).equals(readFileSync(at('l.ndjson')))).toBe(true);
    // By another process: until its memory is collected, this one would hold the room of a file that it has read.
    if (command === 'import') expect((await medseal(['verify', file])).status).toBe(0);
    rmSync(file);
  });

  test('that fills while a file is sealed: what is there is good, and it goes on when there is room', async () => {
    if (disk === null) return;
    const path = disk.path('filling.medseal');
    await (await createLedger(path, owner, { difficulty: 0 })).close();
    const args = ['seal', path, 'rows.csv', '--key', 'owner.key', '--name', 'rows'];
    for (const room of [0, 30, 100, 200]) {
      disk.leave(room);
      const ended = await medseal(args);
      expect(ended.status).toBe(3);
      expect(ended.stderr).toMatch(/the disk is full/);
      expect(await verifyLedger(path, { owner: owner.publicKey })).toMatchObject({ ok: true, problems: [] });
    }
    disk.leave();
    expect((await medseal(args)).status).toBe(0);
    const ledger = await openLedger(path);
    expect((await opened(ledger)).toString()).toBe(CSV);
    await ledger.close();
    expect(litter(disk.path('.'))).toEqual([]);
  });
});

describe('an import in the middle', () => {
  /** Ends it with a signal when half of the export has come on standard input. */
  async function endWith(signal: NodeJS.Signals, folder: string): Promise<{ code: number | null; told: string }> {
    mkdirSync(folder);
    const half = readFileSync(at('l.ndjson')).subarray(0, statSync(at('l.ndjson')).size / 2);
    const child = spawn(process.execPath, [MAIN, 'import', '-', `${folder}/l.medseal`]);
    const told: Buffer[] = [];
    child.stderr.on('data', (part: Buffer) => told.push(part));
    // It may be ended before it has read all of it.
    child.stdin.on('error', () => {});
    child.stdin.write(half);
    while (litter(folder).length < 2) await new Promise((go) => setTimeout(go, 20));
    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, told: Buffer.concat(told).toString() };
  }

  test('is interrupted, though it waits for more: code 3, and nothing is left', async () => {
    expect(await endWith('SIGINT', at('interrupted'))).toEqual({ code: 3, told: 'medseal: interrupted\n' });
    expect(readdirSync(at('interrupted'))).toEqual([]);
  });

  test('is killed: the same command removes what is left, and the ledger is whole', async () => {
    const folder = at('killed');
    await endWith('SIGKILL', folder);
    const left = readdirSync(folder);
    expect(left).toEqual([expect.stringMatching(/\.tmp$/), expect.stringMatching(/\.tmp-journal$/)]);
    expect(await medseal(['import', 'l.ndjson', 'killed/l.medseal'])).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual(['l.medseal']);
    expect(await verifyLedger(at('killed/l.medseal'))).toMatchObject({ ok: true, problems: [] });
  });
});

describe('others at the same files', () => {
  async function copied(name: string): Promise<string> {
    const path = at(name);
    await (await createLedger(path, owner, { difficulty: 0 })).close();
    return path;
  }
  const SEAL = (path: string): string[] => ['seal', path, 'rows.csv', '--key', 'owner.key', '--block-size', '20'];

  test('a ledger that another process is writing to', async () => {
    const path = await copied('locked.medseal');
    const script = fileURLToPath(new URL('../helpers/dataset-lock-holder.mjs', import.meta.url));
    const holder = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const ended = await medseal(SEAL(path));
    expect(ended).toMatchObject({ status: 3, stderr: expect.stringMatching(/another process is writing/) });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect((await medseal(SEAL(path))).status).toBe(0);
  });

  test.skipIf(!isRoot)('a ledger that may be read only', async () => {
    const path = await copied('read-only.medseal');
    copyFileSync(at('owner.key'), at('reader.key'));
    chownSync(at('reader.key'), NOBODY, NOBODY);
    const args = SEAL(path).map((arg) => (arg === 'owner.key' ? 'reader.key' : arg));
    const ended = await medseal(args, { uid: NOBODY });
    expect(ended.status).toBe(3);
    expect(ended.stderr).toMatch(/cannot be written|permissions/);
    expect(await verifyLedger(path)).toMatchObject({ ok: true, blocks: 1 });
  });

  test.each([
    ['longer', (text: string) => `${text}401,"one more"\n`],
    ['shorter', (text: string) => text.slice(0, text.length / 2)],
    ['another in one byte', (text: string) => text.replace('row 399', 'row 398')],
    ['no table any more', () => '"'],
    ['empty', () => ''],
  ])('a source that is %s once it has been looked through', async (_, change) => {
    const file = temporary.file('changing.csv', CSV);
    const ledger = await createLedger(at(`changing-${Math.random()}.medseal`), owner, { difficulty: 0 });
    const examined = await examine(file);
    // Another file under the same name, as an editor saves it.
    renameSync(temporary.file('saved.csv', change(CSV)), file);
    const error = await refusal(sealDataset(ledger, owner, examined, { name: 'rows', blockSize: 20 }));
    expect(error).toMatchObject({ code: 'FILE_CHANGED', place: { file } });
    expect(await verified(ledger)).toMatchObject({ ok: true, problems: [] });
    await ledger.close();
  });

  test.each(['removed', 'replaced by a copy'])(
    'a ledger %s while it is written to acknowledges nothing more',
    async (how) => {
      const path = await copied(`moving ${how}.medseal`);
      const saved = `${path}.saved`;
      copyFileSync(path, saved);
      let acknowledged = 0;
      const ledger = await openLedger(path);
      async function* rows(): AsyncGenerator<Buffer> {
        yield Buffer.from(`a\n${'1\n'.repeat(3000)}`);
        if (how === 'removed') rmSync(path);
        else renameSync(saved, path);
        acknowledged = 0;
        yield Buffer.from('2\n'.repeat(3000));
      }
      const onProgress = ({ rows: durable }: { rows: number }): void => {
        acknowledged = durable;
      };
      const sealing = sealDataset(ledger, owner, rows(), { name: 'x', blockSize: 100, delimiter: ',', onProgress });
      const error = await refusal(sealing);
      expect(error).toMatchObject({ code: 'STORE_FAILED', message: expect.stringMatching(/replaced or removed/) });
      expect(acknowledged).toBe(0);
      await ledger.close();
      if (how !== 'removed') expect(await verifyLedger(path)).toMatchObject({ ok: true, blocks: 1 });
    },
  );
});

describe('a clock that was set back', () => {
  test('a little: the dates of blocks never go back', async () => {
    let now = Date.parse('2025-06-01T12:00:00.000Z');
    const clock = (): Date => new Date(now);
    const path = at('clock.medseal');
    const ledger = await createLedger(path, owner, { difficulty: 0, clock });
    await seal(ledger, 'a\n1\n2\n', { name: 'first' });
    now -= 4 * 60_000;
    await seal(ledger, 'a\n3\n4\n', { name: 'second' });
    await ledger.close();
    expect(await verifyLedger(path, { now: new Date(now) })).toMatchObject({ ok: true, problems: [] });
  });

  test('far, between two rows and between two runs', async () => {
    const noon = Date.parse('2025-06-01T12:00:00.000Z');
    const yesterday = noon - 24 * 3_600_000;
    let readings = 0;
    const clock = (): Date => new Date(++readings < 4 ? noon : yesterday);
    const ledger = await createLedger(at('clock-far.medseal'), owner, { difficulty: 0, clock });
    // What was begun goes on, dated as the block before; nothing new is begun.
    await seal(ledger, 'a\n1\n2\n3\n', { name: 'x' });
    expect((await refusal(seal(ledger, 'a\n1\n', { name: 'y' }))).code).toBe('CLOCK_BEHIND');
    readings = 0;
    await seal(ledger, 'a\n1\n', { name: 'y' });
    expect(await verifyLedger(ledger, { now: new Date(noon) })).toMatchObject({ ok: true, problems: [] });
    await ledger.close();
  });

  test('is told by the command line, with code 3', async () => {
    const path = at('clock-cli.medseal');
    const clock = (): Date => new Date(Date.now() + 3_600_000);
    await (await createLedger(path, owner, { difficulty: 0, clock })).close();
    writeFileSync(at('one.csv'), 'a\n1\n');
    const ended = await medseal(['seal', path, 'one.csv', '--key', 'owner.key', '--quiet']);
    expectFailure(ended, 3, /ahead of this machine's clock/);
  });
});
