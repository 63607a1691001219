import { type ReadingTerms, recordReading, recordRefusal } from '../../access/accesses.js';
import { runsOf } from '../../access/row-runs.js';
import { toHex } from '../../bytes.js';
import type { Identity } from '../../crypto/identity.js';
import { loadCurve } from '../../crypto/secp256k1.js';
import { MedsealError } from '../../errors.js';
import { type Block, isReadable } from '../../format/block.js';
import { keyIdOf, rowOf } from '../../format/entry.js';
import { hashOf } from '../../format/header.js';
import { parseStatement } from '../../format/statement.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { RecordPlace } from '../../ledger/prove.js';
import { type Voucher, voucherBy } from '../../ledger/vouching.js';
import { inspectBodies, inspectContent } from '../../verify/inspect.js';
import type { LedgerState } from '../../verify/state.js';
import { Verifier } from '../../verify/verifier.js';
import { newestOf, originalOf } from '../amendments.js';
import { chooseDataset } from '../choose-dataset.js';
import { type DatasetInfo, type Directory, isWhollyErased, listMarked, listVerified } from '../directory.js';
import { viewOf, withAccess } from '../group-info.js';
import { decodeManifest } from '../manifest.js';
import { tooEarly } from '../open.js';
import { openWith } from '../records.js';
import { type ColumnCondition, type Condition, conditionsOn, conditionsOnAny } from './conditions.js';
import { erasedBy } from './erased.js';
import { withPatientNames } from './patient-names.js';
import {
  type Candidates,
  candidatesFor,
  type FoundRow,
  isIndexed,
  ledTo,
  type Missed,
  nothingMissed,
  rowsBy,
  type Searched,
} from './search.js';

export interface FindOptions extends ReadingTerms {
  /** All of these must hold. */
  readonly where: readonly Condition[];
  /** Name or id of the data set; may be left out where only one has these columns. */
  readonly dataset?: string;
  /** The owner that the genesis block must name (hex). */
  readonly owner?: string;
  /** Verifies the ledger and reads all rows, whatever the index says: then any column will do, and no row is missed. */
  readonly scan?: boolean;
}

/** Rows that are being looked for: iterate `rows` to the end; the report is what the iteration returns. */
export interface Finding {
  readonly info: DatasetInfo;
  /** Where no data set was named, the others, which are not looked in. */
  readonly others: readonly NotSearched[];
  /** How they are found: by the index, or by reading all rows, where that was asked for or there is no index. */
  readonly by: 'index' | 'reading';
  /**
   * @returns what it came to, with the last row
   * @throws {MedsealError} `ABORTED`, `STORE_FAILED`
   */
  rows(): AsyncGenerator<readonly FoundRow[], FindReport>;
  /**
   * What the last iteration of `rows` returned.
   * @throws {MedsealError} `ARGUMENT_INVALID` where none has come to its end since `rows` was last called
   */
  report(): FindReport;
}

/** A data set that is not looked in. */
export interface NotSearched {
  readonly info: DatasetInfo;
  /** The key does not open it, or it has no such column, or it can have, but is not found by it. */
  readonly why: 'closed' | 'no column' | 'not indexed';
}

export interface FindReport {
  readonly found: number;
  /** Blocks that do not verify, and were left out. */
  readonly blocks: number;
  /** Rows that do not open, and have not been erased. */
  readonly unopened: number;
  /** The owner that the genesis block names. */
  readonly owner: string | null;
}

/** What is known before rows are looked for. */
interface Ground {
  readonly directory: Directory;
  readonly state: LedgerState;
  readonly searched: Searched;
  readonly conditions: readonly ColumnCondition[];
  /** Null where all rows are to be read. */
  readonly candidates: Candidates | null;
}

/**
 * Finds the rows of a data set that have certain values. What is given out stands in the history that the owner, or this
 * key itself, has signed; it has been opened and compared. Which rows the index leads to, is the store's word: what it
 * leaves out is not found, unless all rows are read (`scan`).
 *
 * Where the ledger has reading recorded, the rows are found first, and given out once that has been recorded.
 * @throws {MedsealError} `ARGUMENT_INVALID` for no condition; `COLUMN_UNKNOWN`; `DATASET_NOT_FOUND`, `DATASET_AMBIGUOUS`,
 *   `NOT_GRANTED`; `LEDGER_INVALID`; `OWNER_MISMATCH`; what `recordReading` throws; `CANNOT_OPEN` where the data set does not say what its columns are
 */
export async function findRows(ledger: Ledger, identity: Identity, options: FindOptions): Promise<Finding> {
  if (options.where.length === 0) throw new MedsealError('ARGUMENT_INVALID', 'say what is looked for');
  const ground =
    (options.scan ? null : await quickGround(ledger, identity, options)) ??
    (await wholeGround(ledger, identity, options));
  const { directory, state, searched, candidates } = ground;
  const missed = nothingMissed();
  const recorded = state.audit ? await recordedRows(ledger, identity, ground, missed, options) : null;
  let last: FindReport | null = null;
  return {
    info: searched.info,
    others: othersOf(directory, searched.info, options),
    by: candidates === null ? 'reading' : 'index',
    rows: () => {
      last = null;
      return (async function* rows() {
        let found = 0;
        for await (const row of recorded ?? newestRows(ground, missed)) {
          found++;
          yield [row];
        }
        last = { found, blocks: missed.blocks, unopened: missed.records, owner: directory.owner };
        return last;
      })();
    },
    report: () => last ?? tooEarly(),
  };
}

async function* newestRows({ searched, conditions, candidates }: Ground, missed: Missed): AsyncGenerator<FoundRow> {
  for await (const row of rowsBy(searched, conditions, candidates, missed)) {
    if (isNewest(searched.info, row.row)) yield row;
  }
}

/** All rows, once their reading has been recorded. */
async function recordedRows(
  ledger: Ledger,
  identity: Identity,
  ground: Ground,
  missed: Missed,
  terms: ReadingTerms,
): Promise<FoundRow[]> {
  const found: FoundRow[] = [];
  for await (const row of newestRows(ground, missed)) found.push(row);
  const rows = runsOf(found.map(({ row }) => row));
  await recordReading(ledger, identity, ground.state, [{ dataset: ground.searched.info.id, rows }], terms);
  return found;
}

/** Whether a row has no newer version. */
function isNewest({ amendments }: DatasetInfo, row: number): boolean {
  return newestOf(amendments, originalOf(amendments, row) ?? row) === row;
}

/**
 * Where what is needed lies in a history that the owner or this key has signed, nothing else has to be verified.
 * @returns null where it does not
 */
async function quickGround(ledger: Ledger, identity: Identity, options: FindOptions): Promise<Ground | null> {
  const directory = await listMarked(ledger, identity);
  const voucher = await voucherBy(ledger, identity.publicKey);
  // Whose ledger it is, the blocks that are marked could say otherwise than the first one.
  if (voucher === null || voucher.ledger !== directory.ledger || voucher.owner !== directory.owner) return null;
  if (options.owner !== undefined && options.owner !== voucher.owner) return null;
  const chosen = choiceOf(directory, options);
  if (chosen === null) return null;
  const info = await vouchedFor(ledger, chosen, directory.state, voucher);
  if (info === null || info.manifest === null) return null;
  const vouches = (position: number, block: Block): Promise<boolean> => voucher.has(position, block);
  const isErased = erasedBy(directory.erasures);
  const searched = { ledger, info, vouches, isErased, blocks: await ledger.size(), signal: options.signal };
  if (!(await isIndexed(searched))) return null;
  const conditions = await withPatientNames(searched, conditionsOn(info.manifest, options.where), false);
  const candidates = await ledTo(searched, conditions);
  // What comes behind the voucher's block must be verified to be known.
  if ([...candidates.keys()].some((position) => position > voucher.upTo)) return null;
  return { directory, state: directory.state, searched, conditions, candidates };
}

/** The data set that is meant, null where that takes a look at the whole ledger. */
function choiceOf(directory: Directory, options: FindOptions): DatasetInfo | null {
  try {
    return choose(directory, options);
  } catch (error) {
    if (error instanceof MedsealError) return null;
    throw error;
  }
}

/** A data set of which the blocks that say what it is are vouched for; what they say is read from them once more. */
async function vouchedFor(
  ledger: Ledger,
  info: DatasetInfo,
  state: LedgerState,
  voucher: Voucher,
): Promise<DatasetInfo | null> {
  for (const id of info.keys.keys()) {
    const block = await soundBlock(ledger, state.keys.get(id)?.block ?? 0, voucher);
    if (block === null || !namesKey(block, info.id, id)) return null;
  }
  const first = await soundBlock(ledger, info.block, voucher);
  const zeros = new Map<string, ReturnType<typeof decodeManifest>>();
  for (const [place, entry] of (first?.entries ?? []).entries()) {
    if (entry.kind !== 'sealed' || state.isErased(info.block, place)) continue;
    const [keyId, row] = [keyIdOf(entry.bytes), rowOf(entry.bytes)];
    if (row !== 0) continue;
    const content = inspectBodies([entry]).faults.length > 0 ? null : openWith(info.keys, entry);
    if (content !== null) zeros.set(toHex(keyId), decodeManifest(content));
  }
  return withHeaders(info, zeros);
}

/** A data set with what these header rows say, by the ids of their keys; null where they say nothing. */
function withHeaders(
  info: DatasetInfo,
  zeros: ReadonlyMap<string, ReturnType<typeof decodeManifest>>,
): DatasetInfo | null {
  const groups = info.groups.map((group) => {
    const zero = group.keyIds.map((id) => zeros.get(id)).find((found) => found !== undefined);
    return { ...group, manifest: zero?.manifest ?? null, header: zero?.header ?? null };
  });
  const told = withAccess(groups, info.groupCount);
  const view = viewOf(told, info.groupCount);
  return view.manifest === null ? null : { ...info, ...view, groups: told };
}

async function soundBlock(ledger: Ledger, position: number, voucher: Voucher): Promise<Block | null> {
  const block = await ledger.block(position);
  if (block === null || !isReadable(block) || !(await voucher.has(position, block))) return null;
  return inspectContent(block, await loadCurve(), { bodies: false }).entries === null ? null : block;
}

function namesKey({ entries }: Block, dataset: string, keyId: string): boolean {
  return entries.some(({ kind, bytes }) => {
    const statement = kind === 'statement' ? parseStatement(bytes) : null;
    if (statement?.kind !== 'dataset' && statement?.kind !== 'dataset-keys') return false;
    return statement.id === dataset && statement.keys.includes(keyId);
  });
}

/** The whole chain is verified; then its accepted blocks are known. */
async function wholeGround(ledger: Ledger, identity: Identity, options: FindOptions): Promise<Ground> {
  const pins = { now: ledger.clock(), presumedOwner: identity.publicKey, bodies: false };
  const owner = options.owner === undefined ? {} : { owner: options.owner };
  const directory = await listVerified(ledger, new Verifier(await loadCurve(), { ...pins, ...owner }), identity);
  const { accepted, blocks, state } = directory;
  if (!directory.damaged) await ledger.completeErasures(state, blocks);
  if (options.owner !== undefined && directory.owner !== null && !state.wasTakenOnBy(options.owner)) {
    const message = 'the ledger is owned by another key than the one asked for; nothing was looked for';
    throw new MedsealError('OWNER_MISMATCH', message);
  }
  const info = await granted(directory, options, () =>
    recordRefusal(ledger, identity, state, options.dataset, options),
  );
  if (info.manifest === null) {
    throw new MedsealError('CANNOT_OPEN', 'the header row does not open, so nobody can tell what its columns are');
  }
  const vouches = (position: number, block: Block): boolean => accepted.has(position - 1, hashOf(block));
  const isErased = ({ block, entry }: RecordPlace): boolean => state.isErased(block, entry);
  const searched = { ledger, info, vouches, isErased, blocks, signal: options.signal };
  const given = (options.scan ? conditionsOnAny : conditionsOn)(info.manifest, options.where);
  const conditions = await withPatientNames(searched, given, options.scan ?? false);
  const candidates = options.scan ? null : await candidatesFor(searched, conditions);
  return { directory, state, searched, conditions, candidates };
}

/** @param refused what is done where the data set is not granted */
async function granted(directory: Directory, options: FindOptions, refused: () => Promise<void>): Promise<DatasetInfo> {
  try {
    return choose(directory, options);
  } catch (error) {
    if (error instanceof MedsealError && error.code === 'NOT_GRANTED') await refused();
    throw error;
  }
}

/**
 * The data set that is meant: the one that is named, or the only one that has the columns.
 * @throws {MedsealError} as `chooseDataset`
 */
function choose(directory: Directory, { dataset, where, scan = false }: FindOptions): DatasetInfo {
  if (dataset !== undefined) return chooseDataset(directory, dataset);
  const fitting = directory.datasets.filter((info) => hasColumns(info, scan ? conditionsOnAny : conditionsOn, where));
  return chooseDataset(fitting.length === 0 ? directory : { ...directory, datasets: fitting }, undefined);
}

function hasColumns({ manifest }: DatasetInfo, on: typeof conditionsOn, where: readonly Condition[]): boolean {
  if (manifest === null) return false;
  try {
    return on(manifest, where).length > 0;
  } catch (error) {
    if (error instanceof MedsealError) return false;
    throw error;
  }
}

/** The data sets that `choose` has passed over; what is wholly erased holds nothing to be found. */
function othersOf({ datasets }: Directory, chosen: DatasetInfo, { dataset, where }: FindOptions): NotSearched[] {
  if (dataset !== undefined) return [];
  const others = datasets.filter((info) => info.id !== chosen.id && !isWhollyErased(info));
  return others.map((info) => {
    if (!info.granted) return { info, why: 'closed' };
    return { info, why: hasColumns(info, conditionsOnAny, where) ? 'not indexed' : 'no column' };
  });
}
