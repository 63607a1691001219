import type { ScannedRecord } from '../csv/scanner.js';
import type { Manifest } from '../manifest.js';
import type { Format } from './formats.js';

/** What is to be sealed: the path of a file, which is looked through first, or a stream, which is judged as it comes. */
export type Source = string | AsyncIterable<Uint8Array>;

export interface SourceOptions {
  /**
   * By default FHIR where the first bytes are a resource's; otherwise what the file's name says, such as `.ndjson` or
   * `.jsonl`; of others, what their first bytes say.
   */
  readonly format?: Format;
  /** One ASCII character; guessed from the first bytes where it is not given. */
  readonly delimiter?: string;
  readonly signal?: AbortSignal;
  /** Called while a file is looked through. */
  readonly onExamined?: (bytes: number, total: number) => void;
}

/** Columns, encoding, delimiter and line end, for the manifest. */
export type Shape = Omit<Manifest, 'version' | 'name' | 'group'>;

/** Records as they lie in the source, whose bytes are valid until the next batch is asked for. */
export type Batches = AsyncIterable<readonly ScannedRecord[]>;

/** What is known of a source before its rows are sealed. */
export interface Examined {
  /** The path of the file; missing for a stream. */
  readonly file?: string;
  readonly format: Format;
  readonly shape: Shape;
  /** The header line's exact bytes; of a Bundle, what stands around its entries; none for NDJSON. */
  readonly header: Uint8Array;
  /** Of JSON, the names of the first row's members; none for CSV. */
  readonly members: readonly string[];
  /** What the source was compressed with; null, or missing, where it was not. It is the bytes within that are sealed. */
  readonly compression?: string | null;
  /** Rows and bytes of a file, without its compression; null for a stream. */
  readonly rows: number | null;
  readonly bytes: number | null;
  /** The rows behind the header line, once, in batches whose bytes are valid until the next is asked for. */
  batches(): Batches;
  /** Lets go of a stream that is not read to its end. */
  close(): Promise<void>;
}
