// What is left of files whose writer was killed, and what is not.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { publishFile, removeLeftovers, unfinishedName } from '../../src/files.js';
import { isRunning, machine, startOf } from '../../src/processes.js';
import { temporaryFolder } from '../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
let folder = '';
let count = 0;
const at = (name: string): string => `${folder}/${name}`;
beforeEach(() => {
  folder = temporary.path(String(count++));
  mkdirSync(folder);
});

/** A process that has ended, and whose number no other has by now. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid!;
}

/** An unfinished file in the folder, as another writer would name it. */
function leave(target: string, where: string, pid: number, started: string): string {
  const name = `${target}.${where}-${pid}-${started}-0123abcd.tmp`;
  writeFileSync(at(name), 'left');
  return name;
}

const DAY_MS = 24 * 3_600_000;
function age(name: string, milliseconds: number): void {
  const then = new Date(Date.now() - milliseconds);
  utimesSync(at(name), then, then);
}

describe('left-overs', () => {
  test('of a dead process are removed, whatever their target, journals too', async () => {
    const pid = await deadProcess();
    const names = [leave('a.csv', machine(), pid, '123'), leave('b.medseal', machine(), pid, '0')];
    writeFileSync(at(`${names[1]}-journal`), 'left');
    removeLeftovers(at('c.csv'));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of a process that runs are kept; of an earlier one of its number they are not', () => {
    const started = startOf(process.pid) ?? '0';
    const alive = leave('a', machine(), process.pid, started);
    const unknown = leave('b', machine(), process.pid, '0');
    leave('c', machine(), process.pid, '1');
    for (const name of [alive, unknown]) age(name, 9 * DAY_MS);
    removeLeftovers(at('a'));
    // Where the system does not tell when a process began, the third is kept as well.
    if (process.platform === 'linux') expect(readdirSync(folder).sort()).toEqual([alive, unknown].sort());
  });

  test('of another machine are kept until nothing was written to them for a day', async () => {
    const pid = await deadProcess();
    const [fresh, old] = [leave('a', '00000000', pid, '1'), leave('b', '00000000', pid, '1')];
    age(fresh, DAY_MS - 60_000);
    age(old, DAY_MS + 60_000);
    removeLeftovers(at('a'));
    expect(readdirSync(folder)).toEqual([fresh]);
  });

  test('are nothing that another program could have named', async () => {
    const pid = await deadProcess();
    const names = ['a.tmp', `a.${machine()}.tmp`, `a.${machine()}-${pid}-1-0123abcd.tmp.gz`, `${pid}.tmp-journal`];
    for (const name of names) writeFileSync(at(name), 'mine');
    // A folder is never removed, whatever it is called.
    mkdirSync(at(`a.${machine()}-${pid}-1-0123abcd.tmp`));
    removeLeftovers(at('a'));
    expect(readdirSync(folder)).toHaveLength(5);
  });

  test('in a folder that is not there are nobody’s', () => {
    expect(() => removeLeftovers(at('nowhere/a'))).not.toThrow();
  });
});

describe('an unfinished file', () => {
  test('has a name of its own each time, and is not taken for a left-over by its own writer', () => {
    const [one, other] = [unfinishedName(at('a')), unfinishedName(at('a'))];
    expect(one).not.toBe(other);
    writeFileSync(one, '1');
    removeLeftovers(at('a'));
    publishFile(one, at('a'), { replace: false });
    expect(readdirSync(folder)).toEqual(['a']);
  });
});

describe.skipIf(!existsSync('/proc/self/stat'))('a process', () => {
  test('that has ended, and whose parent has not looked yet, does not run', async () => {
    // The shell becomes a program that never looks after the child it has inherited.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [told] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(String(told));
    const started = startOf(pid)!;
    expect(started).toMatch(/^\d+$/);
    while (startOf(pid) === started) await new Promise((go) => setTimeout(go, 20));
    expect([startOf(pid), isRunning(pid, started)]).toEqual(['', false]);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });
});

describe('a writer that is killed', () => {
  const script = fileURLToPath(new URL('../helpers/endless-output.mjs', import.meta.url));

  async function writing(path: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout!, 'data');
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  test('leaves plaintext that the next one removes, but not that of one who still writes', async () => {
    const [first, second] = await Promise.all([writing(at('out.csv')), writing(at('out.csv'))]);
    const left = readdirSync(folder).map((name) => [name, statSync(at(name)).mode & 0o777]);
    expect(left).toEqual([
      [expect.stringMatching(/^out\.csv\..*\.tmp$/), 0o600],
      [expect.stringMatching(/^out\.csv\..*\.tmp$/), 0o600],
    ]);
    await kill(first);
    removeLeftovers(at('other.csv'));
    const [kept, ...none] = readdirSync(folder);
    expect(none).toEqual([]);
    expect(basename(kept!)).toContain(`-${second.pid}-`);
    expect(readFileSync(at(kept!), 'utf8')).toBe('plaintext of a record\n');
    await kill(second);
    removeLeftovers(at('other.csv'));
    expect(readdirSync(folder)).toEqual([]);
  });
});
