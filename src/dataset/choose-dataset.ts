import { MedsealError } from '../errors.js';
import type { DatasetInfo, Directory } from './directory.js';
import { groupLabel, lastExpired, untilExpired, viewOf, withAccess } from './group-info.js';
import { chooseGroups } from './groups-of.js';

/**
 * The data set that a person means.
 * @param wanted name or id; may be left out where there is only one
 * @throws {MedsealError} `DATASET_NOT_FOUND`, `DATASET_AMBIGUOUS`, `NOT_GRANTED`; `LEDGER_INVALID` where it is not found
 *   in a ledger that has lost blocks or content
 */
export function chooseDataset(directory: Directory, wanted: string | undefined): DatasetInfo {
  const { datasets } = directory;
  const matching =
    wanted === undefined
      ? datasets.filter(({ granted }) => granted)
      : datasets.filter(({ id, name }) => id === wanted || name === wanted.normalize('NFC'));
  const [only, ...others] = matching;
  if (only === undefined) throw notFound(directory, wanted);
  if (others.length > 0) {
    const which = wanted === undefined ? 'the ledger holds several data sets' : 'several data sets have this name';
    const choices = matching.map(({ id, name }) => (wanted === undefined ? (name ?? id) : id)).join(', ');
    throw new MedsealError('DATASET_AMBIGUOUS', `${which}; choose one with --dataset: ${choices}`);
  }
  if (only.keys.size === 0)
    throw new MedsealError('NOT_GRANTED', `this data set is not granted to this key${untilExpired(only.groups)}`);
  return only;
}

/**
 * A data set as if it had only the groups that a person means.
 * @param wanted names, or numbers from 1; all groups where none are given
 * @throws {MedsealError} `GROUP_UNKNOWN`; `NOT_GRANTED` where none of them opens
 */
export function onlyGroups(info: DatasetInfo, wanted: readonly string[] = []): DatasetInfo {
  if (wanted.length === 0) return info;
  const chosen = new Set(wanted.flatMap((group) => chooseGroups(info.groups, group)));
  const groups = withAccess(
    info.groups.filter((group) => chosen.has(group)),
    info.groupCount,
  );
  const view = viewOf(groups, info.groupCount);
  if (view.keys.size === 0) {
    throw new MedsealError(
      'NOT_GRANTED',
      `the column group ${groups.map(groupLabel).join(', ')} is not granted to this key${untilExpired(groups)}`,
    );
  }
  return { ...info, ...view, groups };
}

function notFound({ datasets, damaged }: Directory, wanted: string | undefined): MedsealError {
  const granted = datasets.filter((dataset) => dataset.granted);
  const known = granted.map(({ name, id }) => name ?? id).join(', ');
  const groups = datasets.flatMap((dataset) => (dataset.granted ? [] : dataset.groups));
  const expired = lastExpired(groups);
  const others = expired === null ? '' : `; a grant of others expired at ${expired}`;
  if (damaged) {
    const message =
      'blocks of this ledger are missing or cannot be read, perhaps those of this data set; "medseal verify" names them';
    return new MedsealError('LEDGER_INVALID', message);
  }
  if (datasets.length > 0 && granted.length === 0) {
    return new MedsealError('NOT_GRANTED', `no data set of this ledger is granted to this key${untilExpired(groups)}`);
  }
  if (granted.some(({ name }) => name === null)) {
    const message = `the names of data sets do not open in this copy: their content is withheld or damaged; ids: ${known}`;
    return new MedsealError('LEDGER_INVALID', message);
  }
  if (wanted === undefined) return new MedsealError('DATASET_NOT_FOUND', 'the ledger holds no data set');
  const message = `no data set of this name or id is granted to this key; it can open: ${known === '' ? 'none' : known}${others}`;
  return new MedsealError('DATASET_NOT_FOUND', message);
}
