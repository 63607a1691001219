import type { Granter } from '../access/readers.js';
import type { Identity } from '../crypto/identity.js';
import { chooseDataset } from '../dataset/choose-dataset.js';
import { listDatasets } from '../dataset/directory.js';
import { chooseGroups, groupsOf } from '../dataset/groups-of.js';
import { MedsealError } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';

/** What `--dataset` and `--group` say. */
export interface DatasetChoice {
  readonly dataset: string;
  readonly group?: string;
}

/**
 * The data set, and the keys of the column groups, that a person means, in a ledger that has been verified for writing.
 * @throws {MedsealError} `DATASET_NOT_FOUND`, `DATASET_AMBIGUOUS`, `NOT_GRANTED`, `GROUP_UNKNOWN`
 */
export async function chosenGroups(
  { writer: { state }, keyring }: Granter,
  { ledger, identity }: { ledger: Ledger; identity: Identity },
  { dataset, group }: DatasetChoice,
): Promise<{ id: string; keyIds: readonly string[] }> {
  const { id } = chooseDataset(await listDatasets(ledger, identity), dataset);
  const found = state.datasets.get(id);
  if (found === undefined) throw new MedsealError('DATASET_NOT_FOUND', 'the ledger holds no such data set');
  const groups = chooseGroups(await groupsOf(ledger, state, found, keyring), group);
  return { id, keyIds: groups.flatMap(({ keyIds }) => keyIds) };
}

/** What was chosen, for people. */
export function choiceText({ dataset, group }: DatasetChoice): string {
  return `"${dataset}"${group === undefined ? '' : ` (group ${group})`}`;
}
