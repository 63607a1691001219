import { stat } from 'node:fs/promises';
import { openPlain, type PlainBytes } from '../../compression/decompress.js';
import { nameWithin } from '../../compression/forms.js';
import { MedsealError, withFile } from '../../errors.js';
import type { ScannedRecord } from '../csv/scanner.js';
import { Utf8Check } from '../text.js';
import { type Beginning, takeBeginning } from './beginning.js';
import { openFile } from './bytes.js';
import type { Begun } from './format.js';
import { chooseFormat, FORMATS, type Format } from './formats.js';
import type { Examined, Source, SourceOptions } from './source.js';
import { Watch } from './watch.js';

/**
 * Looks at a source: at the whole of a file, so that nothing bad is found when half of it is sealed; at the first
 * bytes of a stream. What is compressed is unpacked first, and it is the bytes within that are sealed.
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_TEXT`, `CSV_EMPTY`, `CSV_FIELDS`, `CSV_QUOTE_UNCLOSED`,
 *   `RECORD_TOO_LARGE`, `DELIMITER_INVALID`, `NDJSON_INVALID`, `FHIR_INVALID`, `COMPRESSION_INVALID`,
 *   `COMPRESSION_UNAVAILABLE`, `ABORTED`; with file and line
 */
export async function examine(source: Source, options: SourceOptions = {}): Promise<Examined> {
  return typeof source === 'string'
    ? inFile(source, () => examineFile(source, options))
    : examineStream(await openPlain(source), null, options);
}

/** @param name of the pipe that it comes from; null where it has none */
async function examineStream(plain: PlainBytes, name: string | null, options: SourceOptions): Promise<Examined> {
  try {
    const beginning = await takeBeginning(plain.chunks, { path: null, file: null });
    const { format, begun } = await begin(beginning, name, options);
    const shape = begun.shape(isUtf8(beginning) ? 'utf-8' : 'iso-8859-1');
    const { compression, close } = plain;
    return { ...begun, format, shape, compression, rows: null, bytes: null, batches: () => begun.batches, close };
  } catch (error) {
    // A command that is done with standard input must not wait for its end.
    await plain.close();
    throw error;
  }
}

function isUtf8({ sample, complete }: Beginning): boolean {
  const utf8 = new Utf8Check();
  utf8.update(sample);
  return complete ? utf8.finish() : utf8.soFar;
}

async function examineFile(path: string, options: SourceOptions): Promise<Examined> {
  const stats = await stat(path);
  // A pipe can be read only once.
  if (stats.isFIFO() || stats.isCharacterDevice()) return examineStream(await openFile(path), path, options);
  const watch = new Watch();
  const file = await openFile(path, (bytes) => options.onExamined?.(bytes, stats.size));
  try {
    const { format, begun } = await begin(
      await takeBeginning(watch.over(file.chunks), place(path, file)),
      path,
      options,
    );
    let rows = 0;
    for await (const batch of begun.batches) rows += batch.length;
    const digest = watch.digest();
    return {
      ...begun,
      file: path,
      format,
      shape: begun.shape(watch.isUtf8 ? 'utf-8' : 'iso-8859-1'),
      compression: file.compression,
      rows,
      bytes: watch.bytes,
      close: async () => {},
      batches: () => again(path, digest, { ...options, format }),
    };
  } finally {
    await file.close();
  }
}

/** The second pass: the same rows, or an error at the end where the file is not the one that was looked through. */
async function* again(path: string, digest: string, options: SourceOptions): AsyncGenerator<readonly ScannedRecord[]> {
  const changed = (cause?: unknown): MedsealError => {
    const message = `${path} was changed while it was being sealed; what was sealed is kept as an incomplete data set`;
    return new MedsealError('FILE_CHANGED', message, { file: path }, { cause });
  };
  const watch = new Watch();
  let file: PlainBytes | null = null;
  try {
    file = await openFile(path);
    const { begun } = await begin(await takeBeginning(watch.over(file.chunks), place(path, file)), path, options);
    yield* begun.batches;
  } catch (error) {
    if (error instanceof MedsealError && error.code === 'ABORTED') throw error;
    throw changed(error);
  } finally {
    await file?.close();
  }
  if (watch.digest() !== digest) throw changed();
}

/** Where the bytes themselves can be read at any place, not where they are compressed; and what the file within is called. */
function place(path: string, { compression }: PlainBytes): Pick<Beginning, 'path' | 'file'> {
  return { path: compression === null ? path : null, file: nameWithin(path) };
}

async function begin(
  beginning: Beginning,
  name: string | null,
  options: SourceOptions,
): Promise<{ format: Format; begun: Begun }> {
  const format = chooseFormat(options, name && nameWithin(name), beginning.sample);
  return { format, begun: await FORMATS[format].begin(beginning, options) };
}

/** Names the file in whatever goes wrong with it. */
async function inFile<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof MedsealError) throw withFile(error, path);
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new MedsealError('FILE_UNREADABLE', `cannot read ${path}: ${why}`, { file: path }, { cause: error });
  }
}
