import { type GroupKey, SALT_LENGTH } from '../crypto/sealing.js';
import type { SealedEntry } from '../format/entry.js';
import { dataHash } from '../ledger/compose.js';
import { packEntries, tagsOf } from '../ledger/stored.js';
import type { PackedData } from '../ledger/writer.js';
import { type Task, task } from '../threads/task.js';
import { type Tagger, tagsOfRow } from './lookup/tags.js';
import { sealRecord } from './records.js';
import type { RowBlock } from './row-blocks.js';

/** What a thread needs to seal a block's rows. It comes to it in memory, and nowhere else. */
export interface RowsToSeal {
  readonly rows: RowBlock;
  /** The group key's members, one by one: an object made by `newGroupKey` keeps its key from being copied. */
  readonly ledgerId: Uint8Array;
  readonly keyId: Uint8Array;
  readonly key: Uint8Array;
  /** 32 bytes a row, one behind the other: drawn by the calling thread, so that their order is always the same. */
  readonly salts: Uint8Array;
  /** Null where rows are found by no column. */
  readonly tagger: Tagger | null;
}

/** Seals the rows of a block. The same bytes come of it in whatever thread it is done. */
export const sealRows: Task<RowsToSeal, PackedData> = task(
  import.meta.url,
  'sealRows',
  ({ rows, salts, tagger, ...group }: RowsToSeal): PackedData => {
    const entries: SealedEntry[] = [];
    let start = 0;
    for (const [i, end] of rows.ends.entries()) {
      const salt = salts.subarray(i * SALT_LENGTH, (i + 1) * SALT_LENGTH);
      const content = rows.contents.subarray(start, end);
      const record = sealRecord(group, rows.first + i, content, salt);
      entries.push(tagger === null ? record : { ...record, tags: tagsOfRow(tagger, content) });
      start = end;
    }
    return { packed: packEntries(entries), hash: Uint8Array.from(dataHash(entries)), tags: tagsOf(entries) };
  },
  ({ packed }) => [packed.entries.buffer, packed.salts.buffer, packed.bodies.buffer] as ArrayBuffer[],
);

export function rowsToSeal(
  rows: RowBlock,
  group: GroupKey,
  tagger: Tagger | null,
  random: (length: number) => Uint8Array,
): RowsToSeal {
  return {
    rows,
    tagger,
    // Of a view a thread would be sent all that lies around it.
    ledgerId: Uint8Array.from(group.ledgerId),
    keyId: Uint8Array.from(group.keyId),
    key: Uint8Array.from(group.key),
    salts: random(rows.ends.length * SALT_LENGTH),
  };
}
