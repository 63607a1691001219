// File and database operations that fail at a chosen time, before they take effect or after. The modules in which they
// are must be mocked by the test file itself: `vi.mock('node:fs', wrapped)` and so on.

import type { FileHandle } from 'node:fs/promises';
import { vi } from 'vitest';

export interface Fault {
  /** Which operation fails, counted from 1. */
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** What has been done, in order, since `arm`. */
let done: string[] | null = null;
let fault: Fault | null = null;

/** From here on operations are counted, and one fails where a fault is given. */
export function arm(next: Fault | null): void {
  done = [];
  fault = next;
}

/** Ends that, and tells the operations that were tried. */
export function disarm(): string[] {
  const tried = done ?? [];
  done = null;
  fault = null;
  return tried;
}

function failNow(name: string, when: Fault['when'], code: string): void {
  if (done !== null && fault?.call === done.length && fault.when === when) {
    throw Object.assign(new Error(`${name} failed ${when} it took effect`), { code });
  }
}

type Operation = (...args: unknown[]) => unknown;

function around(name: string, operation: Operation, code: string): Operation {
  return function wrapper(this: unknown, ...args: unknown[]): unknown {
    if (done === null) return operation.apply(this, args);
    done.push(name);
    // Where a system says that a file could not be closed, it is closed all the same.
    if (!/^(file\.close|closeSync)$/.test(name)) failNow(name, 'before', code);
    const call = done.length;
    const failAfter = (): void => {
      if (done?.length === call) failNow(name, 'after', code);
    };
    const result = operation.apply(this, args);
    if (!(result instanceof Promise)) {
      failAfter();
      return result;
    }
    return result.then((value: unknown) => {
      failAfter();
      return value;
    });
  };
}

/** An object like another, of which some operations can fail. */
function failing<T extends object>(target: T, names: readonly string[], code: string, of = ''): T {
  const wrapped = Object.fromEntries(
    names.map((name) => [name, around(of + name, (target as Record<string, Operation>)[name]!.bind(target), code)]),
  );
  return new Proxy(target, {
    get: (_, property) => {
      if (typeof property === 'string' && Object.hasOwn(wrapped, property)) return wrapped[property];
      const value = Reflect.get(target, property) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const SYNCHRONOUS = 'openSync closeSync fsyncSync linkSync renameSync rmSync writeFileSync chmodSync'.split(' ');

export async function failingFiles(original: () => Promise<object>): Promise<object> {
  const real = (await original()) as Record<string, Operation>;
  return { ...real, ...Object.fromEntries(SYNCHRONOUS.map((name) => [name, around(name, real[name]!, 'EIO')])) };
}

export async function failingHandles(original: () => Promise<object>): Promise<object> {
  const real = (await original()) as Record<string, Operation>;
  let last: FileHandle | null = null;
  const open = async (...args: unknown[]): Promise<unknown> => {
    last = (await real.open!(...args)) as FileHandle;
    return failing(last, ['appendFile', 'sync', 'close'], 'EIO', 'file.');
  };
  const opening = around('open', open, 'EIO');
  const openOrClose = async (...args: unknown[]): Promise<unknown> => {
    last = null;
    try {
      return await opening(...args);
    } catch (error) {
      // Nobody else has it any more.
      await (last as FileHandle | null)?.close();
      throw error;
    }
  };
  return { ...real, open: openOrClose };
}

interface Statement {
  raw(): Statement;
}

export async function failingDatabase(original: () => Promise<object>): Promise<object> {
  const { default: Real } = (await original()) as { default: new (...args: unknown[]) => object };
  const IO = 'SQLITE_IOERR';
  const statement = (real: Statement): object => {
    const wrapped = failing(real, ['run', 'get', 'all'], IO, 'statement.');
    return new Proxy(wrapped, {
      get: (target, property) =>
        property === 'raw' ? () => statement(real.raw()) : (Reflect.get(target, property) as unknown),
    });
  };
  function Database(...args: unknown[]): object {
    const real = new Real(...args) as { prepare(sql: string): Statement };
    const database = failing(real, ['exec', 'close'], IO, 'database.');
    const prepare = around('database.prepare', (sql) => statement(real.prepare(String(sql))), IO);
    return new Proxy(database, {
      get: (target, property) => (property === 'prepare' ? prepare : (Reflect.get(target, property) as unknown)),
    });
  }
  return { default: vi.fn(Database) };
}
