import { once } from 'node:events';
import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { compressedFor, expectCompression } from '../compression/compress.js';
import { MedsealError } from '../errors.js';
import { publishFile, removeLeftovers, removeUnfinished, unfinishedName } from '../files.js';
import { irreplaceable } from './file-kind.js';

/**
 * Writes chunks to a file that replaces the target only when it is complete and durable. A link is followed; into a
 * device or a pipe the chunks go as they come.
 * @param options.mode 0600 for plaintext
 * @param options.compress whether a name that ends in `.gz` or `.zst` has the file compressed so
 * @returns the size of what has been written, in bytes
 * @throws {MedsealError} `OUTPUT_INVALID`, before anything is read; `OUTPUT_FAILED`; what the chunks' source throws, and
 *   then the target is as it was
 */
export async function writeFileWhole(
  path: string,
  content: AsyncIterable<Uint8Array>,
  options: { mode: number; compress?: boolean },
): Promise<number> {
  const chunks = options.compress ? compressedFor(path, content) : content;
  const target = statSync(path, { throwIfNoEntry: false });
  if (target?.isDirectory()) {
    throw new MedsealError('OUTPUT_INVALID', `cannot write ${path}: it is a folder`, { file: path });
  }
  if (target !== undefined && !target.isFile()) {
    const device = await guard(path, () => open(path, 'w'));
    return writeAll(path, device, chunks);
  }
  const real = target === undefined ? path : realpathSync(path);
  removeLeftovers(real);
  const unfinished = unfinishedName(real);
  try {
    const file = await guard(path, () => open(unfinished, 'wx', options.mode));
    const bytes = await writeAll(path, file, chunks, () => file.sync());
    await guard(path, async () => publishFile(unfinished, real, { replace: true }));
    return bytes;
  } catch (error) {
    removeUnfinished(unfinished);
    throw error;
  }
}

/** Removes what a process that was killed has left of a file that it was writing. */
export function removeUnfinishedOf(path: string): void {
  removeLeftovers(existsSync(path) ? realpathSync(path) : path);
}

async function writeAll(
  path: string,
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  finish: () => Promise<void> = async () => {},
): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      await guard(path, () => file.appendFile(chunk));
      bytes += chunk.length;
    }
    await guard(path, finish);
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  await guard(path, () => file.close());
  return bytes;
}

async function guard<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const place = { file: path };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new MedsealError('OUTPUT_INVALID', `cannot write ${path}: there is no such folder`, place, { cause });
    }
    const why = code === 'ENOSPC' ? 'the disk is full' : String(code);
    throw new MedsealError('OUTPUT_FAILED', `cannot write ${path}: ${why}`, place, { cause });
  }
}

/**
 * Refuses an output that has no folder, before the work of which it is the outcome.
 * @throws {MedsealError} `OUTPUT_INVALID`
 */
export function expectFolder(path: string): void {
  if (existsSync(dirname(resolve(path)))) return;
  throw new MedsealError('OUTPUT_INVALID', `cannot write ${path}: there is no such folder`, { file: path });
}

/** The text of a file of which little is expected: of an endless one, only the first bytes are read. */
export function readSmallFile(file: string | number): string {
  const most = Buffer.alloc(64 * 1024);
  const descriptor = typeof file === 'number' ? file : openSync(file, 'r');
  let length = 0;
  try {
    for (let read = 1; read > 0 && length < most.length; length += read) {
      read = readSync(descriptor, most, length, most.length - length, null);
    }
  } finally {
    if (typeof file === 'string') closeSync(descriptor);
  }
  return most.toString('utf8', 0, length);
}

/**
 * The bytes of a file that somebody else may have made: all of them, or one more than `most`.
 * @throws {MedsealError} `FILE_UNREADABLE`
 */
export function readBounded(path: string, most: number): Buffer {
  const parts: Buffer[] = [];
  try {
    const file = openSync(path, 'r');
    try {
      for (let left = most + 1; left > 0; ) {
        const part = Buffer.alloc(Math.min(left, 1 << 20));
        const read = readSync(file, part, 0, part.length, null);
        if (read === 0) break;
        parts.push(part.subarray(0, read));
        left -= read;
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new MedsealError('FILE_UNREADABLE', `cannot read ${path}: ${why}`, { file: path }, { cause });
  }
  return Buffer.concat(parts);
}

/**
 * The same, or for "-" what comes on standard input.
 * @throws {MedsealError} `FILE_UNREADABLE`
 */
export async function readInput(path: string, most: number): Promise<Buffer> {
  if (path !== '-') return readBounded(path, most);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length > most) break;
  }
  return Buffer.concat(parts);
}

/** Writes chunks to standard output, no faster than its reader takes them. */
export async function writeStandardOutput(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
}

/**
 * Refuses an output of records, before any is read, that cannot be written as its name says.
 * @throws {MedsealError} `USAGE`, `COMPRESSION_UNAVAILABLE`
 */
export function expectOutput(output: string | undefined, ...inputs: (string | undefined)[]): void {
  expectOtherFile(output, ...inputs);
  if (output !== undefined) expectCompression(output);
}

/**
 * Refuses to write onto a file that is being read, or that cannot be made again: a ledger, or a private key.
 * @throws {MedsealError} `USAGE`, `FILE_EXISTS`
 */
export function expectOtherFile(output: string | undefined, ...inputs: (string | undefined)[]): void {
  if (output === undefined) return;
  if (output === '-') throw new MedsealError('USAGE', 'this is written to a file, not to standard output: name one');
  // What a key remembers of its ledgers lies beside it, and is read with it.
  const read = inputs.flatMap((input) => (input === undefined ? [] : [input, `${input}.heads`]));
  if (read.some((input) => isSameFile(output, input))) {
    throw new MedsealError('USAGE', `${output} is what is being read; write to another file`, { file: output });
  }
  const lost = irreplaceable(output);
  if (lost === null) return;
  const message = `${output} is there already, and is ${lost}, which is not overwritten; write to another file`;
  throw new MedsealError('FILE_EXISTS', message, { file: output });
}

function isSameFile(a: string, b: string): boolean {
  try {
    const [first, second] = [statSync(a), statSync(b)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}
