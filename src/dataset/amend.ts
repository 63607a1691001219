import { renewKeys } from '../access/group-keys.js';
import type { Granter } from '../access/readers.js';
import { type Said, say } from '../access/say.js';
import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { indexedTag } from '../crypto/index-tag.js';
import { type GroupKey, SALT_LENGTH } from '../crypto/sealing.js';
import { MedsealError } from '../errors.js';
import { isReadable } from '../format/block.js';
import type { SealedEntry } from '../format/entry.js';
import type { Ledger, WriteOptions } from '../ledger/ledger.js';
import { originalOf, versionsOf } from './amendments.js';
import { chooseDataset } from './choose-dataset.js';
import { type Correction, corrected } from './correction.js';
import { type DatasetInfo, listDatasets } from './directory.js';
import { findRecord } from './find-record.js';
import { joinerOf } from './group-info.js';
import { taggerFor, tagsOfRow } from './lookup/tags.js';
import type { Manifest } from './manifest.js';
import { openWith, sealRecord } from './records.js';
import { expectAllGroups, splitterOf } from './seal-plan.js';

export interface AmendOptions extends WriteOptions {
  /** Name or id of the data set; may be left out where only one is granted. */
  readonly dataset?: string;
  /** The row, counted from 1. */
  readonly row: number;
  readonly correction: Correction;
  /** Why: 1 to 200 characters, public for ever. */
  readonly reason: string;
}

/** A correction as it stands on the ledger. */
export interface Amended {
  readonly id: string;
  readonly row: number;
  /** The number under which the newest version has been sealed. */
  readonly by: number;
  /** Which version of the row it is: 2 for the first correction. */
  readonly version: number;
  readonly block: number;
}

/**
 * Corrects a row: seals a new version of it behind all rows of its data set and says that it takes the row's place.
 * Nothing is overwritten.
 * @param identity the owner, or the writer of the data set; it must hold the data set's key
 * @throws {MedsealError} what `amendment` throws; what `Ledger.write` throws; `APPROVALS_MISSING` where a rule names `amend`
 */
export async function amendRow(
  ledger: Ledger,
  identity: Identity,
  { dataset, ...request }: AmendOptions,
): Promise<Amended> {
  let info: DatasetInfo | null = null;
  const block = await say(ledger, identity, request, async (granter) => {
    info = chooseDataset(await listDatasets(ledger, identity), dataset);
    return amendment(ledger, granter, info, request);
  });
  const { id, rows, amendments } = info as unknown as DatasetInfo;
  const version = versionsOf(amendments, request.row).length + 1;
  return { id, row: request.row, by: rows + 1, version, block: block ?? 0 };
}

/**
 * What a correction says, in one block: the new version, that it takes the row's place, and that the data set is complete.
 * @throws {MedsealError} `ROW_NOT_FOUND`; `ARGUMENT_INVALID` for a row that has been erased, in whatever group or version;
 *   `DATASET_INCOMPLETE`; `SIGNER_UNAUTHORISED`; `NOT_GRANTED`, `CANNOT_OPEN`; what `corrected` throws
 */
export async function amendment(
  ledger: Ledger,
  granter: Granter,
  info: DatasetInfo,
  { row, correction, reason }: Pick<AmendOptions, 'row' | 'correction' | 'reason'>,
): Promise<Said[]> {
  const { state, identity } = granter.writer;
  const dataset = state.datasets.get(info.id);
  const by = dataset?.nextRow ?? 0;
  if (dataset === undefined || (dataset.signer !== identity.publicKey && state.owner !== identity.publicKey)) {
    throw new MedsealError('SIGNER_UNAUTHORISED', 'only the owner and whoever began a data set correct it');
  }
  expectRow(info, row);
  if (dataset.ends.at(-1) !== by - 1) {
    const message = 'the data set is incomplete; finish sealing its file before rows are corrected';
    throw new MedsealError('DATASET_INCOMPLETE', message);
  }
  expectAllGroups(info);
  const current = await newestContent(ledger, granter, info, row);
  if (info.manifest === null) throw new MedsealError('CANNOT_OPEN', 'the header row of the data set does not open');
  const content = corrected(info.manifest, current, correction);
  const parts = splitterOf(info.join)(content);
  const { keys, statements } = await renewKeys(granter, dataset);
  return [
    ...statements,
    ...parts.map((content, group) => {
      const [key, manifest] = [keys[group] as GroupKey, info.groups[group]?.manifest ?? null];
      const record = sealRecord(key, by, content, granter.random(SALT_LENGTH));
      // The first record under a key.
      const isFirst = manifest !== null && !(info.groups[group]?.keys.has(toHex(key.keyId)) ?? false);
      return manifest === null ? record : tagged(record, { content, key, manifest, isFirst });
    }),
    { kind: 'amend', id: info.id, row, by, reason },
    { kind: 'dataset-end', id: info.id, rows: by },
  ];
}

interface Tagging {
  readonly content: Uint8Array;
  readonly key: GroupKey;
  readonly manifest: Manifest;
  /** Whether it is the first record under its key. */
  readonly isFirst: boolean;
}

/** The record with what it is found by. */
function tagged(record: SealedEntry, { content, key, manifest, isFirst }: Tagging): SealedEntry {
  const tagger = taggerFor(manifest, key);
  if (tagger === null) return record;
  return { ...record, tags: [...tagsOfRow(tagger, content), ...(isFirst ? [indexedTag(key)] : [])] };
}

/** @throws {MedsealError} `ROW_NOT_FOUND` */
function expectRow({ amendments, rows }: DatasetInfo, row: number): void {
  const original = originalOf(amendments, row);
  if (original !== null) {
    const message = `row ${row} is a version of row ${original}, which is the one to be named`;
    throw new MedsealError('ROW_NOT_FOUND', message, { row });
  }
  if (Number.isSafeInteger(row) && row >= 1 && row <= rows) return;
  throw new MedsealError('ROW_NOT_FOUND', `the data set has no row ${row}`, { row });
}

/** The newest version's content, in a ledger that has been verified for writing. */
async function newestContent(
  ledger: Ledger,
  { writer: { state } }: Granter,
  info: DatasetInfo,
  row: number,
): Promise<Uint8Array> {
  let parts: (Uint8Array | null)[] = [];
  for (const version of versionsOf(info.amendments, row)) {
    parts = [];
    for (const { keyIds } of info.groups) {
      const place = await findRecord(ledger, { block: info.block, keyIds }, version);
      if (place !== null && state.isErased(place.block, place.entry)) {
        const message = `row ${row} has been erased; a correction would bring back what was destroyed`;
        throw new MedsealError('ARGUMENT_INVALID', message, { row });
      }
      const block = place === null ? null : await ledger.block(place.block);
      const entry = block !== null && isReadable(block) ? block.entries[place?.entry ?? -1] : undefined;
      parts.push(entry?.kind === 'sealed' ? openWith(info.keys, entry) : null);
    }
  }
  const content = parts.every((part) => part !== null) ? joinerOf(info)(parts) : null;
  if (content !== null) return content;
  throw new MedsealError('CANNOT_OPEN', `row ${row} does not open under the keys that are granted to this key`, {
    row,
  });
}
