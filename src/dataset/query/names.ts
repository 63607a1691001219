import { MedsealError } from '../../errors.js';
import { distinctNames } from '../column-names.js';
import type { DatasetInfo } from '../directory.js';

/*
 * SQL does not tell capital letters from small ones in names. A data set is a table under its name and under its id; where the
 * name ends like a file's, also without that, as long as no other has that name.
 */

/** A data set under the name by which SQL asks for it. */
export interface NamedDataset {
  readonly table: string;
  readonly info: DatasetInfo;
}

/** What looks like the end of a file's name. */
const EXTENSION = /\.[a-z0-9]{1,8}$/i;

/**
 * The data sets that SQL names.
 * @param asked names of tables, as they stand in the SQL; those that no data set has are left to the engine
 * @throws {MedsealError} `DATASET_AMBIGUOUS`
 */
export function askedFor(datasets: readonly DatasetInfo[], asked: readonly string[]): NamedDataset[] {
  const names = tableNames(datasets);
  const found = new Map<string, NamedDataset>();
  for (const table of asked) {
    const infos = names.get(folded(table)) ?? [];
    const [info] = infos;
    if (info === undefined) continue;
    if (infos.length > 1) {
      const ids = infos.map(({ id }) => `"${id}"`).join(', ');
      const message = `several data sets are named ${JSON.stringify(table)}; SQL can name one by its id: ${ids}`;
      throw new MedsealError('DATASET_AMBIGUOUS', message);
    }
    found.set(folded(table), { table, info });
  }
  return [...found.values()];
}

function tableNames(datasets: readonly DatasetInfo[]): ReadonlyMap<string, readonly DatasetInfo[]> {
  const names = new Map<string, DatasetInfo[]>();
  const add = (name: string, info: DatasetInfo): void => {
    names.set(folded(name), [...(names.get(folded(name)) ?? []), info]);
  };
  for (const info of datasets) {
    add(info.id, info);
    if (info.name !== null && folded(info.name) !== folded(info.id)) add(info.name, info);
  }
  const whole = new Set(names.keys());
  for (const info of datasets) {
    const short = info.name?.replace(EXTENSION, '') ?? '';
    if (short !== '' && short !== info.name && !whole.has(folded(short))) add(short, info);
  }
  return names;
}

/** Names of data sets that stand somewhere in SQL, for SQL of which the engine cannot tell its tables without having them. */
export function mentioned(datasets: readonly DatasetInfo[], sql: string): string[] {
  const text = folded(sql);
  return [...tableNames(datasets).keys()].filter((name) => text.includes(name));
}

/** Names of columns that SQL can tell apart: one that comes again gets `_1`, `_2`; one that is empty, its number. */
export function columnNames(names: readonly string[]): string[] {
  return distinctNames(names, { joint: '_', fold: folded, madeUp: (place) => `column${place + 1}` });
}

/** As the engine compares names: it folds the letters of ASCII only. */
export function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
