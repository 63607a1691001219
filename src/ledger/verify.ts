import { createReadStream } from 'node:fs';
import { MedsealError, throwIfAborted } from '../errors.js';
import { type BlockItem, isReadable } from '../format/block.js';
import { decodeExport } from '../format/exchange.js';
import { isSqliteFile } from '../store/sqlite/file.js';
import type { Verdict } from '../verify/verdict.js';
import { type BlockReport, type VerifyOptions, verifyBlocks } from '../verify/verifier.js';
import { Ledger, openLedger } from './ledger.js';

export interface VerifyLedgerOptions extends Partial<Omit<VerifyOptions, 'bodies'>> {
  readonly signal?: AbortSignal;
  /** Called with each block as soon as it has been judged. */
  readonly onBlock?: (report: BlockReport, item: BlockItem) => void;
}

/**
 * Verifies a ledger or an export, with public keys alone.
 * @param source path of a ledger or of an export, an open ledger, or the bytes of an export
 * @returns the verdict; what is wrong with the ledger is in it, not thrown
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_A_LEDGER`, `STORE_VERSION`, `STORE_FAILED`, `ABORTED`
 */
export async function verifyLedger(
  source: string | Ledger | AsyncIterable<Uint8Array>,
  options: VerifyLedgerOptions = {},
): Promise<Verdict> {
  const { signal, ...rest } = options;
  const opened = typeof source === 'string' && isSqliteFile(source) ? await openLedger(source) : null;
  const ledger = opened ?? (source instanceof Ledger ? source : null);
  const misnumbered: number[] = [];
  const items = ledger === null ? itemsOf(source as Exclude<typeof source, Ledger>) : stored(ledger, misnumbered);
  try {
    const verdict = await verifyBlocks(untilAborted(items, signal), { now: new Date(), ...rest });
    return withNumbers(verdict, misnumbered);
  } finally {
    await opened?.close();
  }
}

async function* stored(ledger: Ledger, misnumbered: number[]): AsyncGenerator<BlockItem> {
  for await (const { position, item } of ledger.numbered()) {
    if (misnumbered.length === 0 && isReadable(item) && item.header.index !== position) {
      misnumbered.push(item.header.index);
    }
    yield item;
  }
}

/**
 * Blocks that verify in their order, but are kept under other numbers, are not found by number. Where something else is
 * wrong, that says enough.
 */
function withNumbers(verdict: Verdict, [block]: readonly number[]): Verdict {
  if (block === undefined || !verdict.ok) return verdict;
  const message = 'the block is kept under another number than its own: somebody has renumbered the rows of the store';
  return { ...verdict, ok: false, problems: [{ block, entry: null, code: 'BLOCK_MISPLACED', message }] };
}

function itemsOf(source: string | AsyncIterable<Uint8Array>): AsyncIterable<BlockItem> {
  const chunks = typeof source === 'string' ? fileChunks(source) : source;
  return decodeExport(expectExport(chunks, typeof source === 'string' ? source : 'the input'));
}

/** A file's bytes. The file is opened when the first of them are asked for, so that no failure goes unheard. */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>;
}

/** An export begins with a block. Anything else is another file, not a ledger with faults. */
export async function* expectExport(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (first && chunk[0] !== 0x7b && !Buffer.from(chunk).includes('"data":[')) {
      throw new MedsealError('NOT_A_LEDGER', `${name} is no Medseal ledger and no export of one`);
    }
    first = false;
    yield chunk;
  }
  if (first) throw new MedsealError('NOT_A_LEDGER', `${name} is empty: no Medseal ledger and no export of one`);
}

async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const item of items) {
    throwIfAborted(signal);
    yield item;
  }
}
