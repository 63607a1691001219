import { eraseStatements } from '../../access/erasure.js';
import { MedsealError } from '../../errors.js';
import type { EraseStatement } from '../../format/statement.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { LedgerState } from '../../verify/state.js';
import { versionsOf } from '../amendments.js';
import type { DatasetInfo } from '../directory.js';
import { findRecord } from '../find-record.js';
import { chooseGroups } from '../groups-of.js';
import { originalsOf, rowsOfSubject, type SubjectOptions } from './subject.js';

export interface SubjectErasureRequest extends SubjectOptions {
  /** The value of the subject's column. */
  readonly subject: string;
  /** Only this column group, by name or number. */
  readonly group?: string;
  /** Why, and on what basis in law; public for ever. */
  readonly reason: string;
  readonly basis: string;
}

export interface SubjectErasure {
  readonly statements: readonly EraseStatement[];
  /** The data sets that hold rows of the subject. */
  readonly datasets: readonly DatasetInfo[];
  /** Rows that are of other patients too, and are erased for them as well. */
  readonly shared: number;
  /** Records that could not be looked at, whosever they are, and that are not erased. */
  readonly missed: number;
}

/**
 * What is to be said to erase whatever there is of a subject, in a ledger that has been verified. With an index only the
 * blocks that hold its rows are read, however many there are.
 * @param datasets those to be looked through
 * @throws {MedsealError} what `rowsOfSubject` and `eraseStatements` throw; `GROUP_UNKNOWN`; `ARGUMENT_INVALID` where nothing
 *   is of this subject
 */
export async function eraseSubject(
  ledger: Ledger,
  state: LedgerState,
  datasets: readonly DatasetInfo[],
  { subject, group, reason, basis, ...options }: SubjectErasureRequest,
): Promise<SubjectErasure> {
  const found = await rowsOfSubject(ledger, state, datasets, subject, options);
  const there = found.filter(({ rows }) => rows.length > 0);
  if (there.length === 0) {
    throw new MedsealError('ARGUMENT_INVALID', 'no row that this key opens is of this subject');
  }
  const statements: EraseStatement[] = [];
  for (const each of there) {
    const rows = originalsOf(each);
    const keyIds = chooseGroups(each.info.groups, group).flatMap((chosen) => chosen.keyIds);
    const blocks = await blocksOf(ledger, each.info, rows);
    statements.push(...(await eraseStatements(ledger, state, each.info.id, { keyIds, rows, blocks, reason, basis })));
  }
  return {
    statements,
    datasets: there.map(({ info }) => info),
    shared: there.reduce((total, { shared }) => total + shared, 0),
    missed: found.reduce((total, { missed }) => total + missed.records + missed.blocks, 0),
  };
}

/** The blocks of all versions of rows: all column groups of a version lie in one. */
async function blocksOf(ledger: Ledger, info: DatasetInfo, rows: ReadonlySet<number>): Promise<ReadonlySet<number>> {
  const blocks = new Set<number>();
  const keyIds = info.groups[0]?.keyIds ?? [];
  for (const row of rows) {
    for (const version of versionsOf(info.amendments, row)) {
      const place = await findRecord(ledger, { block: info.block, keyIds }, version);
      if (place !== null) blocks.add(place.block);
    }
  }
  return blocks;
}
