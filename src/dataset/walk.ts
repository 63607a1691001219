import { toHex } from '../bytes.js';
import { MedsealError } from '../errors.js';
import type { Block } from '../format/block.js';
import { keyIdOf, rowOf } from '../format/entry.js';
import {
  type AmendStatement,
  type DatasetKeysStatement,
  type DatasetStatement,
  parseStatement,
  type Statement,
} from '../format/statement.js';
import type { InspectedEntry } from '../verify/inspect.js';

export interface FoundGroup {
  readonly keyIds: string[];
  /** Where its row 0 lies: the block's number, and the place in which that is stored. */
  rowZero: { position: number; block: number; entry: number } | null;
}

/** A data set, as far as the blocks so far tell. */
export interface Found {
  readonly id: string;
  readonly groups: readonly FoundGroup[];
  readonly block: number;
  rows: number;
  endRows: number | null;
  /** Where blocks are stored that bring in corrected versions, by the rows of these. */
  readonly versionPlaces: Map<number, number>;
}

/** What is told of a block's entries; null for one of which nothing can be told. */
export type ToldEntry =
  | Pick<Extract<InspectedEntry, { kind: 'statement' }>, 'kind' | 'statement'>
  | Extract<InspectedEntry, { kind: 'sealed' }>
  | null;

/** What the statements say, block by block. */
export class Walk {
  readonly datasets: Map<string, Found> = new Map();
  /** Where blocks with grants are stored, by their numbers. */
  readonly grantBlocks: Map<number, number> = new Map();
  owner: string | null = null;
  /** Data sets and their groups by their keys. */
  readonly #byKey = new Map<string, { readonly dataset: Found; readonly group: FoundGroup }>();

  /**
   * @param block its number
   * @param position where it is stored
   */
  take(block: number, entries: readonly ToldEntry[], position: number): void {
    const amends: AmendStatement[] = [];
    for (const [place, entry] of entries.entries()) {
      if (entry?.kind === 'sealed') {
        const found = this.#byKey.get(entry.keyId);
        if (found === undefined) continue;
        found.dataset.rows = Math.max(found.dataset.rows, entry.row);
        if (entry.row === 0) found.group.rowZero ??= { position, block, entry: place };
      } else if (entry?.kind === 'statement') {
        if (entry.statement.kind === 'amend') amends.push(entry.statement as AmendStatement);
        this.#note(entry.statement, { block, position });
      }
    }
    if (amends.length > 0) this.#placeVersions(amends, entries, position);
  }

  #note(statement: Statement, at: { block: number; position: number }): void {
    if (statement.kind === 'ledger') this.owner ??= String(statement.owner);
    else if (statement.kind === 'grant') this.grantBlocks.set(at.block, at.position);
    else if (statement.kind === 'dataset' && !this.datasets.has(statement.id)) this.#begin(statement, at.block);
    else if (statement.kind === 'dataset-keys') this.#addKeys(statement);
    else if (statement.kind === 'dataset-end') {
      const found = this.datasets.get(statement.id);
      if (found !== undefined) found.endRows = statement.rows;
    }
  }

  #begin(statement: DatasetStatement, block: number): void {
    const groups = statement.keys.map(() => ({ keyIds: [], rowZero: null }));
    const { id } = statement;
    this.datasets.set(id, { id, groups, block, rows: 0, endRows: null, versionPlaces: new Map() });
    this.#addKeys(statement);
  }

  #addKeys({ id, keys }: DatasetStatement | DatasetKeysStatement): void {
    const dataset = this.datasets.get(id);
    for (const [number, key] of keys.entries()) {
      const group = dataset?.groups[number];
      if (dataset === undefined || group === undefined || this.#byKey.has(key)) continue;
      group.keyIds.push(key);
      this.#byKey.set(key, { dataset, group });
    }
  }

  /** A correction comes nearly always in one block with the version that it brings in. */
  #placeVersions(amends: readonly AmendStatement[], beside: readonly ToldEntry[], position: number): void {
    const versions = new Map<Found | undefined, Set<number>>();
    for (const { id, by } of amends) {
      const dataset = this.datasets.get(id);
      versions.set(dataset, (versions.get(dataset) ?? new Set()).add(by));
    }
    for (const entry of beside) {
      const dataset = entry?.kind === 'sealed' ? this.#byKey.get(entry.keyId)?.dataset : undefined;
      if (entry?.kind !== 'sealed' || versions.get(dataset)?.has(entry.row) !== true) continue;
      dataset?.versionPlaces.set(entry.row, position);
    }
  }
}

/** What a block's entries tell, whatever else is wrong with it. */
export function told({ entries }: Pick<Block, 'entries'>): ToldEntry[] {
  return entries.map((entry) => {
    if (entry.kind === 'sealed') return { kind: 'sealed', keyId: toHex(keyIdOf(entry.bytes)), row: rowOf(entry.bytes) };
    const statement = statementOf(entry.bytes);
    return statement && { kind: 'statement', statement };
  });
}

/** Null for bytes that are no statement. */
export function statementOf(bytes: Uint8Array): Statement | null {
  try {
    return parseStatement(bytes);
  } catch (error) {
    if (error instanceof MedsealError) return null;
    throw error;
  }
}
