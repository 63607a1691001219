import type {
  AmendStatement,
  DatasetEndStatement,
  DatasetKeysStatement,
  DatasetStatement,
} from '../../format/statement.js';
import type { Amendments, DatasetState, GroupKeyState } from './data.js';
import { type Draft, type Finding, finding } from './draft.js';
import { isInUse, nameKey } from './keys.js';

export function beginDataset(draft: Draft, { id, keys }: DatasetStatement): Finding {
  const { datasets } = draft.data;
  if (datasets.has(id)) return finding('ID_REPEATED', "the data set's id is not new in this ledger");
  const { index: block, signer } = draft.place;
  draft.journal.set(datasets, id, { id, keys, signer, block, nextRow: 0, nextGroup: 0, ends: [] });
  for (const [group, key] of keys.entries()) {
    const fault = nameKey(draft, key, groupKey(draft, id, group), null);
    if (fault !== null) return fault;
  }
  return null;
}

export function changeKeys(draft: Draft, { id, keys }: DatasetKeysStatement): Finding {
  const dataset = draft.data.datasets.get(id);
  if (dataset === undefined) return unknown(draft, 'the data set whose keys change has not begun');
  if (!draft.mayContinue(dataset)) {
    return finding('STATEMENT_UNAUTHORISED', "the signer may not change this data set's keys");
  }
  endStrangeRow(draft, dataset);
  if (dataset.nextGroup !== 0) return finding('ROW_INCOMPLETE', 'the keys change in the middle of a row');
  const fresh = keys.filter((key, group) => key !== dataset.keys[group]);
  if (keys.length !== dataset.keys.length || fresh.length === 0) {
    return finding('KEYS_WRONG', 'the statement does not name one key a group, at least one of them new');
  }
  for (const [group, key] of keys.entries()) {
    const before = dataset.keys[group] ?? '';
    const fault = key === before ? null : nameKey(draft, key, groupKey(draft, id, group), before);
    if (fault !== null) return fault;
  }
  draft.journal.assign(dataset, 'keys', keys);
  return null;
}

function groupKey(draft: Draft, dataset: string, group: number): GroupKeyState {
  const block = draft.place.index;
  return { kind: 'group', dataset, group, block, replacedBy: null, closed: false, holders: new Map() };
}

export function endDataset(draft: Draft, { id, rows }: DatasetEndStatement): Finding {
  const dataset = draft.data.datasets.get(id);
  if (dataset === undefined) return unknown(draft, 'the data set that ends here has not begun');
  if (!draft.mayContinue(dataset)) return finding('STATEMENT_UNAUTHORISED', 'the signer may not end this data set');
  endStrangeRow(draft, dataset);
  if (dataset.nextGroup !== 0) return finding('ROWS_WRONG', 'the data set ends in the middle of a row');
  if (dataset.nextRow !== null && dataset.nextRow !== rows + 1) {
    return finding('ROWS_WRONG', 'the data set has another number of rows than its end says');
  }
  draft.journal.push(dataset.ends, rows);
  return null;
}

/** The next record of a data set: this is what most blocks hold, so nothing is made for it. */
export function takeRecord(draft: Draft, keyId: string, row: number): Finding {
  const key = draft.data.keys.get(keyId);
  const dataset = key?.kind === 'group' ? draft.data.datasets.get(key.dataset) : undefined;
  if (key?.kind !== 'group' || dataset === undefined) {
    if (!draft.lenient) return finding('KEY_UNKNOWN', 'the record is sealed under a key that no data set here has');
    draft.strangeRows.add(row);
    return null;
  }
  if (!draft.signerIsOwner && dataset.signer !== draft.place.signer) {
    return finding('STATEMENT_UNAUTHORISED', 'the signer may not add records to this data set');
  }
  if (!isInUse(draft.data, key)) {
    return finding(
      'KEY_CLOSED',
      'the record is sealed under a key that is out of use: others than its readers hold it',
    );
  }
  draft.touch(dataset);
  // After a fault the count goes on from the first row that is seen.
  dataset.nextRow ??= row;
  if (row !== dataset.nextRow || key.group !== dataset.nextGroup) {
    if (!standsBehindStrangers(draft, dataset, row, key.group)) {
      return finding('ROW_UNEXPECTED', 'the record is not the next of its data set: one is missing, doubled or moved');
    }
    dataset.nextRow = row;
    dataset.nextGroup = key.group;
  }
  if (row > 0 && key.group === 0) draft.records++;
  dataset.nextGroup++;
  if (dataset.nextGroup === dataset.keys.length) {
    dataset.nextGroup = 0;
    dataset.nextRow++;
  }
  return null;
}

/**
 * Whether all that lacks before a record may be there under keys that a lost block has named: the rest of the row before,
 * and this row's earlier groups.
 */
function standsBehindStrangers(draft: Draft, dataset: DatasetState, row: number, group: number): boolean {
  if (draft.strangeRows.size === 0) return false;
  endStrangeRow(draft, dataset, row);
  return (
    row === dataset.nextRow && group >= dataset.nextGroup && (group === dataset.nextGroup || draft.strangeRows.has(row))
  );
}

/** Ends the row that has begun, where its other groups may be there under keys that a lost block has named. */
function endStrangeRow({ strangeRows }: Draft, dataset: DatasetState, next?: number): void {
  const { nextRow, nextGroup } = dataset;
  if (nextGroup === 0 || nextRow === null || nextRow === next || !strangeRows.has(nextRow)) return;
  dataset.nextRow = nextRow + 1;
  dataset.nextGroup = 0;
}

/** Whether each row that the block holds a part of is whole. */
export function rowsAreWhole(draft: Draft): boolean {
  for (const dataset of draft.touched()) {
    endStrangeRow(draft, dataset);
    if (dataset.nextGroup !== 0) return false;
  }
  return true;
}

/**
 * A correction: a row that has been sealed takes the place of an earlier one. Each version of a row is named by the row
 * itself, so that there are no chains of corrections to follow.
 */
export function amend(draft: Draft, { id, row, by }: AmendStatement): Finding {
  const dataset = draft.data.datasets.get(id);
  if (dataset === undefined) return unknown(draft, 'the data set that is amended has not begun');
  if (!draft.mayContinue(dataset)) return finding('STATEMENT_UNAUTHORISED', 'the signer may not amend this data set');
  if (by <= row) return finding('AMEND_INVALID', 'the newer version of a row is not a later row');
  if (dataset.nextRow !== null && by >= dataset.nextRow) {
    return finding('AMEND_INVALID', 'the newer version of a row has not been sealed yet');
  }
  const { versions, originals } = amendmentsOf(draft, dataset);
  if (originals.has(row)) return finding('AMEND_INVALID', 'the row is a version of another one, which is to be named');
  if (originals.has(by) || versions.has(by)) {
    return finding('AMEND_INVALID', 'the newer version of a row has been amended, or is a version already');
  }
  draft.journal.set(originals, by, row);
  const list = versions.get(row);
  if (list === undefined) draft.journal.set(versions, row, [by]);
  else draft.journal.push(list, by);
  return null;
}

function amendmentsOf({ data, journal }: Draft, { id }: DatasetState): Amendments {
  const known = data.amendments.get(id);
  if (known !== undefined) return known;
  const none: Amendments = { versions: new Map(), originals: new Map() };
  journal.set(data.amendments, id, none);
  return none;
}

function unknown({ lenient }: Draft, message: string): Finding {
  return lenient ? null : finding('DATASET_UNKNOWN', message);
}
