import { keyIdsOf } from '../access/group-keys.js';
import type { Keyring } from '../access/keyring.js';
import { toHex } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { keyIdOf, rowOf } from '../format/entry.js';
import { type Ledger, readableBlocks } from '../ledger/ledger.js';
import type { DatasetState, LedgerState } from '../verify/state.js';
import { decodeManifest, type Manifest } from './manifest.js';
import { openRecord } from './records.js';

/** A column group of a data set, as far as a reader's keys open it. */
export interface DatasetGroup {
  /** Its place in the data set, from 0. */
  readonly number: number;
  /** What row 0 says of it; null where that does not open. */
  readonly manifest: Manifest | null;
  /** The ids of all keys that it has had, the first one first. */
  readonly keyIds: readonly string[];
}

/**
 * The column groups of a data set in a ledger that has been verified.
 * @param keyring opens their names and columns; without it they have numbers only
 */
export async function groupsOf(
  ledger: Ledger,
  state: LedgerState,
  dataset: DatasetState,
  keyring: Keyring | null,
): Promise<DatasetGroup[]> {
  const groups = dataset.keys.map((_, number) => ({ number, keyIds: keyIdsOf(state, dataset.id, number) }));
  const manifests =
    keyring === null ? new Map<string, Manifest>() : await manifestsOf(ledger, state, { dataset, groups }, keyring);
  return groups.map((group) => ({
    ...group,
    manifest: group.keyIds.map((id) => manifests.get(id)).find((manifest) => manifest !== undefined) ?? null,
  }));
}

/** Row 0 of each group, by the id of its key. */
async function manifestsOf(
  ledger: Ledger,
  state: LedgerState,
  { dataset, groups }: { dataset: DatasetState; groups: readonly { readonly keyIds: readonly string[] }[] },
  keyring: Keyring,
): Promise<Map<string, Manifest>> {
  const ids = new Set(groups.flatMap(({ keyIds }) => keyIds));
  const manifests = new Map<string, Manifest>();
  for await (const { header, entries } of readableBlocks(ledger, { from: dataset.block })) {
    for (const [place, entry] of entries.entries()) {
      if (entry.kind !== 'sealed') continue;
      const [keyId, row] = [keyIdOf(entry.bytes), rowOf(entry.bytes)];
      const id = toHex(keyId);
      if (!ids.has(id)) continue;
      // All groups of a row lie in one block.
      if (row > 0) return manifests;
      const key = await keyring.groupKey(id);
      const isErased = state.isErased(header.index, place);
      const content = key === null || isErased ? null : openRecord(key, entry);
      const manifest = content === null ? null : readManifest(content);
      if (manifest !== null) manifests.set(id, manifest);
    }
  }
  return manifests;
}

function readManifest(content: Uint8Array): Manifest | null {
  try {
    return decodeManifest(content).manifest;
  } catch (error) {
    if (error instanceof MedsealError) return null;
    throw error;
  }
}

/**
 * The groups that a person means: all where none is named, otherwise the one of this name or number (from 1).
 * @throws {MedsealError} `GROUP_UNKNOWN`
 */
export function chooseGroups<Group extends DatasetGroup>(
  groups: readonly Group[],
  wanted: string | undefined,
): readonly Group[] {
  if (wanted === undefined) return groups;
  const named = groups.filter(({ manifest }) => manifest?.group === wanted.normalize('NFC'));
  const chosen = named.length > 0 ? named : groups.filter(({ number }) => String(number + 1) === wanted);
  if (chosen.length > 0) return chosen;
  const known = groups.map(({ number, manifest }) => manifest?.group ?? String(number + 1)).join(', ');
  throw new MedsealError(
    'GROUP_UNKNOWN',
    `the data set has no column group ${JSON.stringify(wanted)}; it has: ${known}`,
  );
}
