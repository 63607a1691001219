import { equalBytes } from '../bytes.js';
import type { GroupKey } from '../crypto/sealing.js';
import { sealedFields } from '../format/entry.js';
import { type PackedEntries, unpackEntries } from '../ledger/stored.js';
import { type Task, task } from '../threads/task.js';
import { type Fault, inspectBodies, type Missing } from '../verify/inspect.js';
import type { RowPlace } from './block-rows.js';
import { openRecord } from './records.js';

/** What a thread needs to open a block's rows. It comes to it in memory, and nowhere else. */
export interface RowsToOpen {
  /** The entries fit the block's head: that has been checked. */
  readonly packed: PackedEntries;
  /** The keys that the data set has had, each as plain members: an object made by `newGroupKey` is not copied whole. */
  readonly keys: readonly { readonly ledgerId: Uint8Array; readonly keyId: Uint8Array; readonly key: Uint8Array }[];
  /** First and last row wanted. */
  readonly from: number;
  readonly to: number;
}

export interface OpenedRows {
  /** What is wrong with the block's salts and bodies. */
  readonly faults: readonly Fault[];
  readonly missing: Missing;
  /** The rows that opened, and where the content of each ends in `contents`. */
  readonly rows: readonly number[];
  readonly ends: readonly number[];
  readonly contents: Uint8Array;
  /** The wanted rows that did not open. */
  readonly unopened: readonly RowPlace[];
}

/** Checks a block's salts and bodies, and decrypts the wanted rows among those that are good. */
export const openRows: Task<RowsToOpen, OpenedRows> = task(
  import.meta.url,
  'openRows',
  ({ packed, from, to, keys }: RowsToOpen): OpenedRows => {
    const entries = unpackEntries(packed);
    const { faults, missing } = inspectBodies(entries);
    const bad = new Set(faults.map(({ entry }) => entry));
    const [rows, ends, unopened]: [number[], number[], RowPlace[]] = [[], [], []];
    const contents = new Uint8Array(packed.bodies.length);
    let length = 0;
    for (const [position, entry] of entries.entries()) {
      if (entry.kind !== 'sealed') continue;
      const { keyId, row } = sealedFields(entry.bytes);
      const key = row < from || row > to ? undefined : keys.find((each) => equalBytes(keyId, each.keyId));
      if (key === undefined) continue;
      const content = bad.has(position) ? null : openRecord(key, entry);
      if (content === null) {
        unopened.push({ row, entry: position });
        continue;
      }
      contents.set(content, length);
      length += content.length;
      rows.push(row);
      ends.push(length);
    }
    return { faults, missing, rows, ends, contents, unopened };
  },
  ({ contents }) => [contents.buffer as ArrayBuffer],
);

export function rowsToOpen(
  packed: PackedEntries,
  keys: Iterable<GroupKey>,
  range: { from: number; to: number },
): RowsToOpen {
  const { entries, salts, bodies } = packed;
  return {
    packed: { entries, salts, bodies },
    // Of a view a thread would be sent all that lies around it.
    keys: [...keys].map(({ ledgerId, keyId, key }) => ({
      ledgerId: Uint8Array.from(ledgerId),
      keyId: Uint8Array.from(keyId),
      key: Uint8Array.from(key),
    })),
    ...range,
  };
}
