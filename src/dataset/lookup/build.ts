import { toHex } from '../../bytes.js';
import type { Identity } from '../../crypto/identity.js';
import { indexedTag } from '../../crypto/index-tag.js';
import type { GroupKey } from '../../crypto/sealing.js';
import { loadCurve } from '../../crypto/secp256k1.js';
import { throwIfAborted } from '../../errors.js';
import { isReadable } from '../../format/block.js';
import { keyIdOf, rowOf, type SealedEntry } from '../../format/entry.js';
import { hashOf } from '../../format/header.js';
import type { Ledger } from '../../ledger/ledger.js';
import { statementMark } from '../../ledger/stored.js';
import { packTags, type Tag, type TaggedBlock } from '../../store/tags.js';
import { inspectBodies, inspectContent } from '../../verify/inspect.js';
import { Verifier } from '../../verify/verifier.js';
import { type DatasetInfo, listVerified } from '../directory.js';
import { openRecord } from '../records.js';
import { type Tagger, taggerFor, tagsOfRow } from './tags.js';

export interface BuildOptions {
  readonly signal?: AbortSignal;
  /** Called after each block with the number of blocks looked at. */
  readonly onProgress?: (blocks: number) => void;
}

export interface BuiltIndex {
  /** The data sets that have columns to find rows by, and rows of which are in the index now. */
  readonly datasets: readonly Pick<DatasetInfo, 'id' | 'name'>[];
  readonly rows: number;
}

/** Tags are written so many blocks at a time. */
const BATCH_BLOCKS = 1000;

/**
 * Makes the index of every data set that a key opens and that has columns to find rows by, as sealing does: for a ledger
 * that has none of its own, such as one that was imported. What is there already stays. Nothing of the ledger changes.
 * @throws {MedsealError} `LOCKED` where the ledger is being written to; `STORE_FAILED`, `ABORTED`
 */
export async function buildIndex(
  ledger: Ledger,
  identity: Identity,
  { signal, onProgress }: BuildOptions = {},
): Promise<BuiltIndex> {
  // Before anything is looked at: so nothing can be sealed meanwhile.
  await ledger.tag([]);
  const curve = await loadCurve();
  const verifier = new Verifier(curve, { now: ledger.clock(), presumedOwner: identity.publicKey, bodies: false });
  const { datasets, accepted, blocks } = await listVerified(ledger, verifier, identity);
  const sealers = sealersOf(datasets);
  let rows = 0;
  let batch: TaggedBlock[] = [];
  for await (const { position, item } of ledger.numbered({ to: blocks, bodies: sealers.size > 0 })) {
    throwIfAborted(signal);
    onProgress?.(position);
    if (!isReadable(item) || !accepted.has(position - 1, hashOf(item))) continue;
    if (inspectContent(item, curve, { bodies: false }).entries === null) continue;
    const tags: Tag[] = statementMark(item.entries);
    // Of a row several groups can be found by.
    const indexed = new Set<string>();
    for (const [entry, sealed] of item.entries.entries()) {
      const found = sealed.kind === 'sealed' ? tagsOfEntry(sealed, entry, sealers) : [];
      if (sealed.kind === 'sealed' && found.length > 0) indexed.add(rowName(sealed, sealers));
      tags.push(...found);
    }
    rows += indexed.size;
    if (tags.length > 0) batch.push({ position, tags: packTags(tags) });
    if (batch.length < BATCH_BLOCKS) continue;
    await ledger.tag(batch);
    batch = [];
  }
  await ledger.tag(batch);
  // Only now all of them are there.
  for (const { group, block } of sealers.values()) {
    await ledger.tag([{ position: block, tags: packTags([{ tag: indexedTag(group), entry: 0 }]) }]);
  }
  return { datasets: datasets.filter(({ manifest }) => (manifest?.lookup ?? []).length > 0), rows };
}

interface Sealer {
  readonly group: GroupKey;
  readonly tagger: Tagger;
  readonly block: number;
}

function sealersOf(datasets: readonly DatasetInfo[]): Map<string, Sealer> {
  const sealers = new Map<string, Sealer>();
  for (const { groups, block } of datasets) {
    for (const { manifest, keys } of groups) {
      for (const [id, group] of keys) {
        const tagger = manifest === null ? null : taggerFor(manifest, group);
        if (tagger !== null) sealers.set(id, { group, tagger, block });
      }
    }
  }
  return sealers;
}

/** Which row of which data set a record is of. */
function rowName({ bytes }: SealedEntry, sealers: ReadonlyMap<string, Sealer>): string {
  const [keyId, row] = [keyIdOf(bytes), rowOf(bytes)];
  return `${sealers.get(toHex(keyId))?.block} ${row}`;
}

/** The tags of a row; none where it does not open, as one that has been erased. */
function tagsOfEntry(sealed: SealedEntry, entry: number, sealers: ReadonlyMap<string, Sealer>): Tag[] {
  const [keyId, row] = [keyIdOf(sealed.bytes), rowOf(sealed.bytes)];
  const sealer = sealers.get(toHex(keyId));
  if (sealer === undefined || row === 0 || inspectBodies([sealed]).faults.length > 0) return [];
  const content = openRecord(sealer.group, sealed);
  return content === null ? [] : tagsOfRow(sealer.tagger, content).map((tag) => ({ tag, entry }));
}
