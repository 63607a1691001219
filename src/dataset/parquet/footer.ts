import type { FileHandle } from 'node:fs/promises';
import { type ColumnElement, columnOf, type ParquetColumn } from './columns.js';
import { damaged, unsupported } from './damaged.js';
import { readStruct, type ThriftStruct, type ThriftValue } from './thrift.js';

/** What the footer of a Parquet file says (Apache Parquet, `parquet.thrift`: FileMetaData). */
export interface ParquetFooter {
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly RowGroup[];
}

/** A part of the rows: a chunk for each column, in their order. */
export interface RowGroup {
  readonly rows: number;
  readonly chunks: readonly ColumnChunk[];
}

/** Where the pages of a column lie in the file. */
export interface ColumnChunk {
  readonly codec: number;
  readonly start: number;
  readonly end: number;
}

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
const MOST_FOOTER_BYTES = 64 * 1024 * 1024;
const MOST_COLUMNS = 100_000;

/**
 * Reads the footer.
 * @param size bytes of the file
 * @throws {MedsealError} `PARQUET_INVALID`, `PARQUET_UNSUPPORTED`
 */
export async function readFooter(file: FileHandle, size: number): Promise<ParquetFooter> {
  if (size < 12) throw damaged('it is too short');
  const tail = await readBytes(file, size - 8, 8);
  const magic = Buffer.from(tail.subarray(4)).toString('latin1');
  if (magic === ENCRYPTED_MAGIC) throw unsupported('the Parquet file is encrypted; write it without encryption first');
  if (magic !== MAGIC) throw damaged('it does not end as one does; perhaps a part of it is missing');
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > size - 12) throw damaged('its footer is larger than the file');
  if (length > MOST_FOOTER_BYTES) throw unsupported('the footer of the Parquet file is larger than 64 MiB');
  const read = readStruct(await readBytes(file, size - 8 - length, length));
  if (read === null) throw damaged('its footer breaks off');
  return footerOf(read.struct, size - 8 - length);
}

/**
 * Bytes of a file at a place.
 * @throws {MedsealError} `PARQUET_INVALID` where there are fewer
 */
export async function readBytes(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) throw damaged('it breaks off');
    filled += bytesRead;
  }
  return bytes;
}

/** @param end where the pages end */
function footerOf(metadata: ThriftStruct, end: number): ParquetFooter {
  if (metadata.has(8)) throw unsupported('the Parquet file is encrypted; write it without encryption first');
  const columns = columnsOf(structs(metadata.get(2)));
  const groups = structs(metadata.get(4)).map((group) => {
    const rows = count(group.get(3));
    // Of a table without rows nobody says where its columns lie.
    const chunks =
      rows === 0 ? columns.map(() => EMPTY_CHUNK) : structs(group.get(1)).map((chunk) => chunkOf(chunk, end));
    if (chunks.length !== columns.length) throw damaged('a row group has another number of columns');
    return { rows, chunks };
  });
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  if (rows !== count(metadata.get(3))) throw damaged('its row groups have another number of rows than it has');
  return { columns, groups };
}

const EMPTY_CHUNK: ColumnChunk = { codec: 0, start: 0, end: 0 };

/** The columns of a table; a schema is a tree, whose leaves the columns are. */
function columnsOf([root, ...elements]: readonly ThriftStruct[]): readonly ParquetColumn[] {
  if (root === undefined) throw damaged('it has no schema');
  const columns: ParquetColumn[] = [];
  for (const element of elements) {
    const name = text(element.get(4));
    if (count(element.get(5) ?? 0) > 0 || element.get(3) === REPEATED) {
      throw unsupported(
        `column ${JSON.stringify(name)} holds lists, maps or records; a table to be sealed has single values: write them as JSON text first`,
      );
    }
    columns.push(columnOf(elementOf(name, element)));
  }
  if (columns.length !== count(root.get(5) ?? 0)) throw damaged('its schema has another number of columns');
  if (columns.length === 0) throw unsupported('the Parquet file has no columns');
  if (columns.length > MOST_COLUMNS) throw unsupported(`the Parquet file has more than ${MOST_COLUMNS} columns`);
  if (new Set(columns.map(({ name }) => name)).size < columns.length) {
    throw unsupported('two columns of the Parquet file have one name');
  }
  return columns;
}

/** `FieldRepetitionType`. */
const REQUIRED = 0;
const REPEATED = 2;

function elementOf(name: string, element: ThriftStruct): ColumnElement {
  const logical = element.get(10);
  return {
    name,
    physical: count(element.get(1)),
    length: count(element.get(2) ?? 0),
    optional: element.get(3) !== REQUIRED,
    converted: element.has(6) ? count(element.get(6)) : null,
    scale: count(element.get(7) ?? 0),
    logical: logical instanceof Map ? logical : null,
  };
}

function chunkOf(chunk: ThriftStruct, pagesEnd: number): ColumnChunk {
  if (chunk.has(1)) throw unsupported('the Parquet file has its columns in other files');
  if (chunk.has(8)) throw unsupported('the Parquet file is encrypted; write it without encryption first');
  const metadata = chunk.get(3);
  if (!(metadata instanceof Map)) throw damaged('it does not say where a column lies');
  const data = count(metadata.get(9));
  // Some writers say 0 where there is no dictionary, others leave the place of it out and begin with it all the same.
  const dictionary = count(metadata.get(11) ?? 0);
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = start + count(metadata.get(7));
  if (start < MAGIC.length || end > pagesEnd) throw damaged('a column lies outside of it');
  return { codec: count(metadata.get(4)), start, end };
}

/** @throws {MedsealError} `PARQUET_INVALID` for what is no whole number from 0 */
export function count(value: ThriftValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw damaged('a number in what describes it is none');
}

function text(value: ThriftValue | undefined): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  throw damaged('a column has no name');
}

function structs(value: ThriftValue | undefined): readonly ThriftStruct[] {
  if (!Array.isArray(value)) throw damaged('a part of what describes it is missing');
  return value.map((each: ThriftValue) => {
    if (each instanceof Map) return each as ThriftStruct;
    throw damaged('a part of what describes it is of another kind');
  });
}
