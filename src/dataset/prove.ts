import { type ReadingTerms, recordReading } from '../access/accesses.js';
import { coveringErasures } from '../access/erasure.js';
import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { recordKey } from '../crypto/sealing.js';
import { MedsealError } from '../errors.js';
import { isReadable } from '../format/block.js';
import { keyIdOf, rowOf } from '../format/entry.js';
import type { Ledger } from '../ledger/ledger.js';
import { type MadeProof, type ProveEntryOptions, proveEntry, type RecordPlace } from '../ledger/prove.js';
import { statementBlocks } from '../ledger/statement-blocks.js';
import type { Disclosure } from '../proof/record-proof.js';
import { chooseDataset } from './choose-dataset.js';
import { type DatasetInfo, listDatasets } from './directory.js';
import { type DatasetPlace, findDataset, findRecord } from './find-record.js';
import { groupLabel } from './group-info.js';
import { chooseGroups, type DatasetGroup } from './groups-of.js';
import { readingOf } from './open.js';
import { openRecord } from './records.js';

export interface ProveOptions extends Omit<ProveEntryOptions, 'disclosed'>, ReadingTerms {
  /** The data set's id; with an identity also its name, or nothing where only one is granted. */
  readonly dataset?: string;
  /** The column group, by its name or its number from 1; may be left out where there is only one. */
  readonly group?: string;
  /** Number of the row, from 1; 0 is the header row. */
  readonly row: number;
  /** A key to which the data set was granted: for its name, and to disclose. */
  readonly identity?: Identity;
  /** Whether whoever has the proof may read the record. It cannot be taken back. */
  readonly disclose?: boolean;
}

/**
 * Proves that a row of a data set is in a ledger, in one column group, and where that is wanted, what it says there.
 * @throws {MedsealError} `DATASET_NOT_FOUND`, `DATASET_AMBIGUOUS`, `GROUP_UNKNOWN`, `NOT_GRANTED`; `ROW_NOT_FOUND`;
 *   `CANNOT_OPEN` where the record is to be disclosed and has been erased, or does not open; what `recordReading` throws where it is disclosed; what `proveEntry` throws
 */
export async function proveRecord(ledger: Ledger, options: ProveOptions): Promise<MadeProof> {
  const { dataset, row, group: _, identity, disclose = false, ...anchoring } = options;
  const directory = identity === undefined ? null : await listDatasets(ledger, identity);
  const info = directory === null ? null : chooseDataset(directory, dataset);
  const found = info === null ? await findById(ledger, options) : await findIn(ledger, info, options);
  if (found === null) {
    throw new MedsealError('ROW_NOT_FOUND', `the data set has no row ${row} in this ledger`, { row });
  }
  if (!disclose) return proveEntry(ledger, found, anchoring);
  if (directory?.state.isErased(found.block, found.entry)) throw await erased(ledger, found, row);
  if (identity !== undefined && directory !== null && info !== null) {
    await recordReading(ledger, identity, directory, [readingOf(info, { from: row, to: row })], options);
  }
  return proveEntry(ledger, found, { ...anchoring, disclosed: await disclosure(ledger, found, info) });
}

/** A record is of one group: which, has to be said where there are several. */
function theGroup(groups: readonly DatasetGroup[], wanted: string | undefined): DatasetGroup {
  const [group, ...others] = chooseGroups(groups, wanted);
  if (group !== undefined && others.length === 0) return group;
  const message = `each column group of a row is proven by itself; choose one with --group: ${groups.map(groupLabel).join(', ')}`;
  throw new MedsealError('GROUP_UNKNOWN', message);
}

function findIn(ledger: Ledger, { block, groups }: DatasetPlace, options: ProveOptions): Promise<RecordPlace | null> {
  const { keyIds } = theGroup(groups, options.group);
  return findRecord(ledger, { block, keyIds }, options.row, options.signal);
}

/** First by the blocks that the store has marked: where it leaves some out, all are read. */
async function findById(ledger: Ledger, options: ProveOptions): Promise<RecordPlace | null> {
  const { dataset = '', signal } = options;
  const marked = await findDataset(statementBlocks(ledger), dataset, signal);
  const found = marked === null ? null : await findIn(ledger, marked, options);
  if (found !== null) return found;
  const anywhere = await findDataset(ledger.numbered({ bodies: false }), dataset, signal);
  if (anywhere !== null) return findIn(ledger, anywhere, options);
  const message =
    'without a key a data set is named by its id ("medseal status" lists them), and no data set of this ledger has this one';
  throw new MedsealError('DATASET_NOT_FOUND', message);
}

async function erased(ledger: Ledger, place: RecordPlace, row: number): Promise<MedsealError> {
  const [erasure] = await coveringErasures(ledger, [place]);
  const message = `row ${row} was erased by block ${erasure?.block}, so it cannot be disclosed; that it was sealed can be proven`;
  return new MedsealError('CANNOT_OPEN', message, { row, block: place.block });
}

async function disclosure(ledger: Ledger, place: RecordPlace, info: DatasetInfo | null): Promise<Disclosure> {
  const keys = new Map(info?.groups.flatMap((group) => [...group.keys]));
  if (keys.size === 0)
    throw new MedsealError('NOT_GRANTED', 'to disclose a record takes a key to which it was granted');
  const block = await ledger.block(place.block);
  const entry = block !== null && isReadable(block) ? block.entries[place.entry] : undefined;
  const key = entry?.kind === 'sealed' ? keys.get(toHex(keyIdOf(entry.bytes))) : undefined;
  const opens = key !== undefined && entry?.kind === 'sealed' && openRecord(key, entry) !== null;
  if (!opens || entry.body === null || entry.salt === null) {
    throw new MedsealError('CANNOT_OPEN', 'the record does not open, so it cannot be disclosed', { ...place });
  }
  return { body: entry.body, salt: entry.salt, key: recordKey(key, entry.salt, rowOf(entry.bytes)) };
}
