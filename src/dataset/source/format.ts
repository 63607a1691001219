import type { Encoding } from '../csv/fields.js';
import type { Beginning } from './beginning.js';
import type { Batches, Shape, SourceOptions } from './source.js';

/** A kind of file whose records can be sealed: how it is known, and how it is read. */
export interface SourceFormat {
  /** Names of files that say that they are of it; null where none do. */
  readonly fileName: RegExp | null;
  /**
   * Whether a file without such a name begins like one of it.
   * @throws {MedsealError} `NOT_TEXT` where what it is can be told, and that it cannot be sealed
   */
  isLike(sample: Uint8Array): boolean;
  /**
   * Finds out from the first bytes what the manifest needs, and leaves the records behind. A file is read twice, from the
   * beginning each time; both times this must come to the same. Where it reads the file by its path (`beginning.path`),
   * it reads `beginning.rest` to the end as well: by those bytes it is known whether the file was changed.
   * @throws {MedsealError} here or by `batches`, what makes the file none of this format, with the line
   */
  begin(beginning: Beginning, options: SourceOptions): Promise<Begun>;
}

/** A source of which the beginning has been read. */
export interface Begun {
  /** Whether the bytes are UTF-8 is known once all are read; of a stream, it is said by the first of them. */
  shape(encoding: Encoding): Shape;
  /** Whole once all are read, where the format has something behind the records too. */
  readonly header: Uint8Array;
  readonly members: readonly string[];
  /** The records behind the header, once, checked as they come. */
  readonly batches: Batches;
}
