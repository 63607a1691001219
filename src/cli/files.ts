import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { MedsealError } from '../errors.js';

/**
 * Writes chunks to a file that replaces the target only when it is complete and durable.
 * @param options.mode 0600 for plaintext
 * @throws {MedsealError} `OUTPUT_INVALID`, before anything is read; `OUTPUT_FAILED`; what the chunks' source throws, and then the target is as it was
 */
export async function writeFileWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  options: { mode: number },
): Promise<number> {
  if (isFolder(path)) {
    throw new MedsealError('OUTPUT_INVALID', `cannot write ${path}: it is a folder`, { file: path });
  }
  const unfinished = `${path}.${randomUUID()}.tmp`;
  let bytes = 0;
  try {
    const file = await guard(path, () => open(unfinished, 'wx', options.mode));
    try {
      for await (const chunk of chunks) {
        await guard(path, () => file.appendFile(chunk));
        bytes += chunk.length;
      }
      await guard(path, () => file.sync());
    } finally {
      await file.close();
    }
    await guard(path, () => rename(unfinished, path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
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

/** Writes chunks to standard output, no faster than its reader takes them. */
export async function writeStandardOutput(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
}

/**
 * Refuses to write onto a file that is being read.
 * @throws {MedsealError} `USAGE`
 */
export function expectOtherFile(output: string | undefined, ...inputs: string[]): void {
  if (output !== undefined && inputs.some((input) => isSameFile(output, input))) {
    throw new MedsealError('USAGE', `${output} is what is being read; write to another file`, { file: output });
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isSameFile(a: string, b: string): boolean {
  try {
    const [first, second] = [statSync(a), statSync(b)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}
