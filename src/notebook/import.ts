import { utf8 } from '../bytes.js';
import type { Identity, SoftwareIdentity } from '../crypto/identity.js';
import { distinctNames } from '../dataset/column-names.js';
import { type SealOptions, type SealResult, sealDataset } from '../dataset/seal.js';
import { MedsealError } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import type { NotebookChain } from './chain.js';
import { csvLine } from './csv.js';
import { type NotebookRow, type OpenChainOptions, type OpenedChain, openChain } from './open.js';

/** The columns that are added to a row, behind its own: from which block it is, and what pandas had done to it. */
export const ORIGIN_COLUMNS: readonly string[] = [
  'notebook_block',
  'notebook_timestamp',
  'notebook_hash',
  'notebook_cut',
];

export interface ImportChainOptions extends Omit<SealOptions, 'format' | 'delimiter' | 'onExamined'> {
  /** Called while the chain is decrypted, before anything is sealed. */
  readonly onOpened?: (blocks: number) => void;
}

/** What has become of an import: nothing is sealed of a chain of which not every block verifies, opens and is read. */
export type ImportedChain =
  | { readonly imported: false; readonly opened: OpenedChain }
  | { readonly imported: true; readonly opened: OpenedChain; readonly sealed: SealResult };

/**
 * Takes a notebook's chain over into a ledger, as a data set: every row, with its block's index, timestamp and hash in
 * columns of their own, so that whoever has the chain can match the two. An interrupted import is continued by another.
 * @param identity who seals: the ledger's owner or a writer
 * @param key the notebook's private key
 * @throws {MedsealError} `NOT_A_CHAIN` where it holds no record; what `sealDataset` throws
 */
export async function importChain(
  ledger: Ledger,
  identity: Identity,
  chain: NotebookChain,
  key: SoftwareIdentity,
  { onOpened, ...options }: ImportChainOptions,
): Promise<ImportedChain> {
  if (chain.items.length < 2)
    throw new MedsealError('NOT_A_CHAIN', 'the chain has a genesis block, and no record to import');
  const { threads, signal } = options;
  const opening: OpenChainOptions = {
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
    ...(onOpened === undefined ? {} : { onProgress: onOpened }),
  };
  const opened = await openChain(chain, key, opening);
  if (!opened.verdict.ok || opened.unopened.length + opened.unread.length > 0) return { imported: false, opened };
  const sealed = await sealDataset(ledger, identity, tableOf(opened), { ...options, format: 'csv', delimiter: ',' });
  return { imported: true, opened, sealed };
}

async function* tableOf({ columns, rows }: OpenedChain): AsyncGenerator<Uint8Array> {
  yield utf8(csvLine(distinctNames([...columns, ...ORIGIN_COLUMNS])));
  for (const row of rows) {
    const values = columns.map((column) => row.values.get(column)?.text ?? null);
    yield utf8(csvLine([...values, ...originOf(row)]));
  }
}

/** In the order of ORIGIN_COLUMNS. */
function originOf({ block, hash, values }: NotebookRow): string[] {
  const cut = [...values].filter(([, value]) => value.cut).map(([column]) => column);
  return [String(block.index), block.timestamp, hash, cut.join(', ')];
}
