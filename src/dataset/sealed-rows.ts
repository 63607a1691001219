import { type GroupKey, SALT_LENGTH } from '../crypto/sealing.js';
import type { SealedEntry } from '../format/entry.js';
import { dataHash } from '../ledger/compose.js';
import { packEntries, tagsOf } from '../ledger/stored.js';
import type { PackedData } from '../ledger/writer.js';
import { type Task, task } from '../threads/task.js';
import { type Tagger, taggerFor, tagsOfRow } from './lookup/tags.js';
import type { Manifest } from './manifest.js';
import { sealRecord } from './records.js';
import type { RowBlock } from './row-blocks.js';
import { type SplitPlan, splitterOf } from './seal-plan.js';

/** Under which key a group's parts of rows are sealed, and by which values they are found. */
export interface GroupSealer {
  readonly key: GroupKey;
  /** Null where they are found by no column. */
  readonly tagger: Tagger | null;
}

export function sealerOf(key: GroupKey, manifest: Manifest | null): GroupSealer {
  return { key, tagger: manifest === null ? null : taggerFor(manifest, key) };
}

/** What a thread needs to seal a block's rows. It comes to it in memory, and nowhere else. */
export interface RowsToSeal {
  readonly rows: RowBlock;
  readonly sealers: readonly GroupSealer[];
  /** How a row is cut into the groups' parts; null for one group. */
  readonly split: SplitPlan | null;
  /** 32 bytes a record, one behind the other: drawn by the calling thread, so that their order is always the same. */
  readonly salts: Uint8Array;
}

/** Seals the rows of a block. The same bytes come of it in whatever thread it is done. */
export const sealRows: Task<RowsToSeal, PackedData> = task(
  import.meta.url,
  'sealRows',
  ({ rows, salts, sealers, split }: RowsToSeal): PackedData => {
    const entries: SealedEntry[] = [];
    const partsOf = splitterOf(split);
    let start = 0;
    for (const [i, end] of rows.ends.entries()) {
      for (const [group, part] of partsOf(rows.contents.subarray(start, end)).entries()) {
        const { key, tagger } = sealers[group] as GroupSealer;
        const at = entries.length * SALT_LENGTH;
        const record = sealRecord(key, rows.first + i, part, salts.subarray(at, at + SALT_LENGTH));
        entries.push(tagger === null ? record : { ...record, tags: tagsOfRow(tagger, part) });
      }
      start = end;
    }
    return { packed: packEntries(entries), hash: Uint8Array.from(dataHash(entries)), tags: tagsOf(entries) };
  },
  ({ packed }) => [packed.entries.buffer, packed.salts.buffer, packed.bodies.buffer] as ArrayBuffer[],
);

export function rowsToSeal(
  rows: RowBlock,
  sealers: readonly GroupSealer[],
  split: SplitPlan | null,
  random: (length: number) => Uint8Array,
): RowsToSeal {
  return {
    rows,
    sealers: sealers.map(({ key, tagger }) => ({ key: plain(key), tagger })),
    split,
    salts: random(rows.ends.length * sealers.length * SALT_LENGTH),
  };
}

/**
 * A key as plain members: an object made by `newGroupKey` keeps its key from being copied. Of a view a thread would be
 * sent all that lies around it.
 */
function plain({ ledgerId, keyId, key }: GroupKey): GroupKey {
  return { ledgerId: Uint8Array.from(ledgerId), keyId: Uint8Array.from(keyId), key: Uint8Array.from(key) };
}
