import { equalBytes } from '../bytes.js';
import type { GroupKey } from '../crypto/sealing.js';
import { keyIdOf, rowOf } from '../format/entry.js';
import { type PackedEntries, unpackEntries } from '../ledger/stored.js';
import { type Task, task } from '../threads/task.js';
import { type Fault, inspectBodies, type Missing } from '../verify/inspect.js';
import type { RowPlace, RowRange } from './block-rows.js';
import type { JoinPlan, View } from './group-info.js';
import { recordJoiner } from './groups.js';
import { openRecord } from './records.js';

/** What a thread needs to open a block's rows. It comes to it in memory, and nowhere else. */
export interface RowsToOpen {
  /** The entries fit the block's head: that has been checked. */
  readonly packed: PackedEntries;
  /** The keys that are held, each as plain members: an object made by `newGroupKey` is not copied whole. */
  readonly keys: readonly OpeningKey[];
  /** How the groups' parts of a row are put together; null where each record is a row. */
  readonly join: JoinPlan | null;
  /** The entries that erasures cover: they are not opened, whatever of them is still there. */
  readonly erased: readonly number[];
  /** First and last row wanted. */
  readonly from: number;
  readonly to: number;
}

interface OpeningKey {
  /** The place of its group among those that open. */
  readonly group: number;
  readonly ledgerId: Uint8Array;
  readonly keyId: Uint8Array;
  readonly key: Uint8Array;
}

export interface OpenedRows {
  /** What is wrong with the block's salts and bodies. */
  readonly faults: readonly Fault[];
  readonly missing: Missing;
  /** The rows that opened, and where the content of each ends in `contents`. */
  readonly rows: readonly number[];
  readonly ends: readonly number[];
  readonly contents: Uint8Array;
  /** The wanted records that did not open. Of their rows the other parts may be among `rows`. */
  readonly unopened: readonly RowPlace[];
}

/** Checks a block's salts and bodies, and decrypts the wanted rows among those that are good. */
export const openRows: Task<RowsToOpen, OpenedRows> = task(
  import.meta.url,
  'openRows',
  ({ packed, erased, from, to, keys, join }: RowsToOpen): OpenedRows => {
    const entries = unpackEntries(packed);
    const { faults, missing } = inspectBodies(entries);
    const shut = new Set([...faults.map(({ entry }) => entry), ...erased]);
    const rows = new OpenRows(packed.bodies.length);
    const joining = join === null ? null : new Joining(rows, join);
    const unopened: RowPlace[] = [];
    for (const [position, entry] of entries.entries()) {
      if (entry.kind !== 'sealed') continue;
      const row = rowOf(entry.bytes);
      if (row < from || row > to) continue;
      const keyId = keyIdOf(entry.bytes);
      const key = keys.find((each) => equalBytes(keyId, each.keyId));
      if (key === undefined) continue;
      const content = shut.has(position) ? null : openRecord(key, entry);
      if (content === null) unopened.push({ row, entry: position });
      else if (joining === null) rows.add(row, content);
      else joining.take({ row, entry: position }, content, key.group);
    }
    unopened.push(...(joining?.end() ?? []));
    const { contents, numbers, ends } = rows;
    return { faults, missing, rows: numbers, ends, contents, unopened };
  },
  ({ contents }) => [contents.buffer as ArrayBuffer],
);

/** The rows that open, and where the content of each ends. */
class OpenRows {
  readonly numbers: number[] = [];
  readonly ends: number[] = [];
  contents: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.contents = new Uint8Array(capacity);
  }

  add(row: number, content: Uint8Array): void {
    const end = this.#length + content.length;
    // Delimiters around fields that are not there can make rows longer than what is sealed of them.
    if (end > this.contents.length) {
      const larger = new Uint8Array(2 * end);
      larger.set(this.contents.subarray(0, this.#length));
      this.contents = larger;
    }
    this.contents.set(content, this.#length);
    this.#length = end;
    this.numbers.push(row);
    this.ends.push(end);
  }
}

/** Puts the parts of each row together: they come row by row. */
class Joining {
  readonly #rows: OpenRows;
  readonly #groups: number;
  readonly #join: ReturnType<typeof recordJoiner>;
  /** Of the row whose parts are coming. */
  #parts: (Uint8Array | null)[] = [];
  #places: RowPlace[] = [];
  /** Records that are not what parts of a row can be. */
  readonly #malformed: RowPlace[] = [];

  constructor(rows: OpenRows, plan: JoinPlan) {
    this.#rows = rows;
    this.#groups = plan.layout.length;
    this.#join = recordJoiner(plan.layout, plan);
  }

  take(place: RowPlace, content: Uint8Array, group: number): void {
    if (place.row !== this.#places[0]?.row) this.#finish();
    this.#places.push(place);
    this.#parts[group] = content;
  }

  end(): readonly RowPlace[] {
    this.#finish();
    return this.#malformed;
  }

  #finish(): void {
    const [first] = this.#places;
    if (first !== undefined) {
      const row = this.#join(this.#parts);
      if (row === null) this.#malformed.push(...this.#places);
      else this.#rows.add(first.row, row);
    }
    this.#places = [];
    this.#parts = new Array<null>(this.#groups).fill(null);
  }
}

export function rowsToOpen(
  packed: PackedEntries,
  { open, join }: View,
  wanted: RowRange & Pick<RowsToOpen, 'erased'>,
): RowsToOpen {
  const { entries, salts, bodies } = packed;
  return {
    packed: { entries, salts, bodies },
    keys: open.flatMap(({ keys }, group) => [...keys.values()].map((key) => openingKey(key, group))),
    join,
    ...wanted,
  };
}

/** Of a view a thread would be sent all that lies around it. */
function openingKey({ ledgerId, keyId, key }: GroupKey, group: number): OpeningKey {
  return {
    group,
    ledgerId: Uint8Array.from(ledgerId),
    keyId: Uint8Array.from(keyId),
    key: Uint8Array.from(key),
  };
}
