import { toHex, utf8 } from '../bytes.js';
import { type SoftwareIdentity, systemRandom } from '../crypto/identity.js';
import { fieldValue, splitRecord } from '../dataset/csv/fields.js';
import { examine } from '../dataset/source/examine.js';
import type { Examined } from '../dataset/source/source.js';
import { tableNames } from '../dataset/typed/csv-table.js';
import { MedsealError } from '../errors.js';
import { createPool, type Pool } from '../threads/pool.js';
import { chainItem, dumpBlock, hashOfItem, type NotebookBlock } from './chain.js';
import { encryptText, type ToEncrypt } from './cipher.js';
import { proofOfBlock } from './known-proofs.js';
import { LossCounter, type Losses } from './losses.js';
import { type ColumnType, cellOf, TypeGuess } from './pandas/column-types.js';
import { textWriter } from './pandas/write-text.js';
import { signAuthorised } from './signature.js';

export interface CreateChainOptions {
  /** One ASCII character; guessed from the first bytes where it is not given. */
  readonly delimiter?: string;
  /**
   * Takes every value as the text that it is, as pandas does with `dtype=str, keep_default_na=False`. By default the
   * columns have the types that `pandas.read_csv` finds.
   */
  readonly asText?: boolean;
  /** Threads that share the work of scrypt. Default: all cores. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (rows: number) => void;
  /** For tests. */
  readonly now?: () => Date;
}

export interface CreatedChain {
  /** How many rows the table has. */
  readonly rows: number;
  readonly columns: readonly string[];
  /** The chain's file, as Python's `json.dump` writes it; once. Memory does not grow with the table. */
  bytes(): AsyncGenerator<Uint8Array>;
  /** What the chain does not keep of the table; complete when all bytes have been read. */
  losses(): Losses;
}

/**
 * Makes a chain of a CSV file, row by row, as the notebook does: its Python code verifies, decrypts and reads it.
 * @param path a file, which is read twice: the types of its columns depend on all of it
 * @throws {MedsealError} what `examine` throws; `ARGUMENT_INVALID` for what is no CSV file. While bytes are read:
 *   `FILE_CHANGED`, `ABORTED`, `THREAD_FAILED`
 */
export async function createChain(
  path: string,
  identity: SoftwareIdentity,
  options: CreateChainOptions = {},
): Promise<CreatedChain> {
  const { delimiter, signal } = options;
  const examined = await examine(path, {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(signal === undefined ? {} : { signal }),
  });
  const { rows, format } = examined;
  if (rows === null || format !== 'csv') {
    await examined.close();
    const message = `${path}: a notebook’s chain is made of a CSV file, which is read twice`;
    throw new MedsealError('ARGUMENT_INVALID', message, { file: path });
  }
  const columns = tableNames(examined.shape.columns);
  const types = options.asText ? columns.map(() => 'object without missing' as const) : await typesOf(examined);
  const losses = new LossCounter(columns);
  return {
    rows,
    columns,
    losses: () => losses.report(),
    async *bytes() {
      const pool = createPool(options.threads === undefined ? {} : { threads: options.threads });
      try {
        const password = toHex(identity.exportPrivateKey());
        const orders = toEncrypt(rowTexts(examined, columns, types, losses), password);
        yield* chainBytes(orders, identity, pool, options);
      } finally {
        await pool.close();
      }
    },
  };
}

async function typesOf(examined: Examined): Promise<ColumnType[]> {
  const guesses = examined.shape.columns.map(() => new TypeGuess());
  for await (const fields of records(examined)) {
    for (const [place, field] of fields.entries()) guesses[place]?.add(field);
  }
  return guesses.map((guess) => guess.type());
}

/** The values of each row as text. */
async function* records({ shape, batches }: Examined): AsyncGenerator<string[]> {
  const delimiter = shape.delimiter.charCodeAt(0);
  for await (const batch of batches()) {
    for (const { bytes } of batch) {
      const { fields } = splitRecord(bytes, delimiter);
      yield fields.map(({ start, end }) => fieldValue(bytes.subarray(start, end), shape.encoding));
    }
  }
}

async function* rowTexts(
  examined: Examined,
  columns: readonly string[],
  types: readonly ColumnType[],
  losses: LossCounter,
): AsyncGenerator<string> {
  const write = textWriter(columns, types);
  for await (const fields of records(examined)) {
    const cells = fields.map((field, place) => cellOf(field, types[place] ?? 'object'));
    const row = write(cells);
    losses.count(fields, cells, row);
    yield row.text;
  }
}

async function* toEncrypt(texts: AsyncIterable<string>, password: string): AsyncGenerator<ToEncrypt> {
  for await (const text of texts) yield { text, password, random: systemRandom(32) };
}

async function* chainBytes(
  orders: AsyncIterable<ToEncrypt>,
  identity: SoftwareIdentity,
  pool: Pool,
  { signal, onProgress, now = () => new Date() }: CreateChainOptions,
): AsyncGenerator<Uint8Array> {
  const signature = await signAuthorised((digest) => identity.sign(digest));
  const blockOf = (index: number, data: string, previous_hash: string): NotebookBlock => ({
    index: BigInt(index),
    timestamp: pythonTime(now()),
    data,
    proof: proofOfBlock(index),
    previous_hash,
    signature,
  });
  let last = blockOf(1, 'Genesis Block', '0');
  let rows = 0;
  yield utf8(`{"chain": [${dumpBlock(last)}`);
  for await (const data of pool.map(encryptText, orders, { signal })) {
    last = blockOf(++rows + 1, data, hashOfItem(chainItem(new Map(Object.entries(last)))));
    yield utf8(`, ${dumpBlock(last)}`);
    onProgress?.(rows);
  }
  yield utf8(`], "length": ${rows + 1}}`);
}

/** Local time as Python's `str(datetime.datetime.now())` writes it. */
function pythonTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  const milliseconds = time.getMilliseconds();
  return `${date} ${clock}${milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}000`}`;
}
