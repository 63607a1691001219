// Who may read what, told as simply as it can be: keys are names, a grant is an arrow from a reader to a key, and a reader
// opens what arrows lead to. No cryptography, and no code of the package.

/** A grant: whoever is `from`, or holds it, holds `key`. Revoked ones stay, as copies of them do. */
interface Arrow {
  readonly from: string;
  readonly key: string;
  standing: boolean;
}

/** What one column group keeps of one version of a row. */
export interface Part {
  readonly key: string;
  /** The fields, in the order of the group's columns. */
  readonly fields: readonly string[];
  erased: boolean;
}

/** A row, and all versions that it has had; each is a part for every group. */
interface Row {
  readonly number: number;
  readonly versions: (readonly Part[])[];
}

interface Group {
  /** All keys that it has had; the last one is the one that it has now. */
  readonly keys: string[];
  /** Whether the newest key is out of use, so that the next row brings another one. */
  closed: boolean;
}

interface Table {
  readonly groups: readonly [Group, Group];
  readonly rows: Row[];
  /** The number that the next record takes, be it a row or a new version of one. */
  next: number;
}

export interface AccessModel {
  readonly owner: string;
  readonly people: readonly string[];
  readonly arrows: Arrow[];
  /** The key pairs that each role has had; the last one is the one that it has now. */
  readonly roles: Map<string, string[]>;
  readonly tables: Map<string, Table>;
}

export function newModel(owner: string, others: readonly string[]): AccessModel {
  return { owner, people: [owner, ...others], arrows: [], roles: new Map(), tables: new Map() };
}

/** The keys that a reader comes to: by the grants that stand, or by all that there ever were. */
export function reach({ arrows }: AccessModel, reader: string, grants: 'standing' | 'all' = 'standing'): Set<string> {
  const found = new Set<string>();
  const from = [reader];
  for (let at = from.pop(); at !== undefined; at = from.pop()) {
    for (const arrow of arrows) {
      if (arrow.from !== at || found.has(arrow.key) || (grants === 'standing' && !arrow.standing)) continue;
      found.add(arrow.key);
      from.push(arrow.key);
    }
  }
  return found;
}

function point(model: AccessModel, from: string, key: string): void {
  model.arrows.push({ from, key, standing: true });
}

function standing(model: AccessModel, keys: readonly string[]): Arrow[] {
  return model.arrows.filter((arrow) => arrow.standing && keys.includes(arrow.key));
}

/** A person, or a role under the key that it has now. */
function nodeOf(model: AccessModel, reader: string): string {
  return model.roles.get(reader)?.at(-1) ?? reader;
}

/** The role that a key is or was of; people are of themselves. */
function readerOf(model: AccessModel, node: string): string {
  return [...model.roles].find(([, keys]) => keys.includes(node))?.[0] ?? node;
}

/*
 * What can be done. Each answers whether it can be done at all: what cannot must be refused.
 */

export function sealTable(model: AccessModel, name: string, rows: readonly (readonly string[])[]): boolean {
  if (model.tables.has(name)) return false;
  const groups = [0, 1].map((group) => ({ keys: [`${name}/${group}#0`], closed: false })) as [Group, Group];
  for (const { keys } of groups) point(model, model.owner, keys[0] ?? '');
  model.tables.set(name, { groups, rows: [], next: 1 });
  return append(model, name, rows);
}

export function append(model: AccessModel, name: string, rows: readonly (readonly string[])[]): boolean {
  const table = model.tables.get(name);
  if (table === undefined) return false;
  renew(model, name);
  for (const fields of rows) table.rows.push({ number: table.next++, versions: [partsOf(table, fields)] });
  return true;
}

/** The first group has the middle column, the second has the others. */
function partsOf({ groups: [first, second] }: Table, [id = '', name = '', drug = '']: readonly string[]): Part[] {
  return [
    { key: first.keys.at(-1) ?? '', fields: [name], erased: false },
    { key: second.keys.at(-1) ?? '', fields: [id, drug], erased: false },
  ];
}

/** Closed keys are replaced; who still holds the old one gets the new one. */
export function renew(model: AccessModel, name: string): boolean {
  for (const [at, group] of model.tables.get(name)?.groups.entries() ?? []) {
    if (!group.closed) continue;
    const key = `${name}/${at}#${group.keys.length}`;
    const readers = standing(model, group.keys.slice(-1)).map(({ from }) => nodeOf(model, readerOf(model, from)));
    for (const reader of new Set([model.owner, ...readers])) point(model, reader, key);
    group.keys.push(key);
    group.closed = false;
  }
  return true;
}

export function grant(model: AccessModel, name: string, groups: readonly number[], reader: string): boolean {
  if (!model.people.includes(reader) && !model.roles.has(reader)) return false;
  const to = nodeOf(model, reader);
  const keys = keysOf(model, name, groups);
  const held = standing(model, keys).filter(({ from }) => from === to);
  const wanted = keys.filter((key) => !held.some((arrow) => arrow.key === key));
  for (const key of wanted) point(model, to, key);
  return wanted.length > 0;
}

export function revoke(model: AccessModel, name: string, groups: readonly number[], reader: string): boolean {
  if (reader === model.owner) return false;
  const ended = standing(model, keysOf(model, name, groups)).filter(({ from }) => readerOf(model, from) === reader);
  for (const arrow of ended) arrow.standing = false;
  close(
    model,
    ended.map(({ key }) => key),
  );
  return ended.length > 0;
}

function close({ tables }: AccessModel, keys: readonly string[]): void {
  for (const { groups } of tables.values()) {
    for (const group of groups) if (keys.includes(group.keys.at(-1) ?? '')) group.closed = true;
  }
}

function keysOf({ tables }: AccessModel, name: string, groups: readonly number[]): string[] {
  return groups.flatMap((group) => tables.get(name)?.groups[group]?.keys ?? []);
}

export function createRole(model: AccessModel, role: string, members: readonly string[]): boolean {
  if (model.roles.has(role)) return false;
  model.roles.set(role, [`${role}#0`]);
  for (const reader of new Set([model.owner, ...members])) point(model, reader, `${role}#0`);
  return true;
}

export function addMember(model: AccessModel, role: string, member: string): boolean {
  const key = model.roles.get(role)?.at(-1);
  const from = nodeOf(model, member);
  const isSomebody = model.people.includes(member) || model.roles.has(member);
  if (key === undefined || !isSomebody || standing(model, [key]).some((arrow) => arrow.from === from)) return false;
  point(model, from, key);
  return true;
}

/**
 * The role gets another key pair, which opens the old one, and so do the roles that it is a member of; what any of them
 * reads is closed to whoever leaves.
 */
export function removeMember(model: AccessModel, role: string, member: string): boolean {
  const keys = model.roles.get(role) ?? [];
  const leaving = standing(model, keys).filter(({ from }) => readerOf(model, from) === member);
  if (member === model.owner || !leaving.some(({ key }) => key === keys.at(-1))) return false;
  const open = [keys.at(-1) ?? '', ...reach(model, keys.at(-1) ?? '')];
  for (const arrow of leaving) arrow.standing = false;
  close(model, open);
  const rotated = [...model.roles.values()].filter((pairs) => open.includes(pairs.at(-1) ?? ''));
  const members = rotated.map((pairs) => standing(model, pairs.slice(-1)).map(({ from }) => readerOf(model, from)));
  for (const pairs of rotated) pairs.push((pairs[0] ?? '').replace(/0$/, String(pairs.length)));
  for (const [at, pairs] of rotated.entries()) {
    const next = pairs.at(-1) ?? '';
    for (const reader of new Set(members[at])) point(model, nodeOf(model, reader), next);
    point(model, next, pairs.at(-2) ?? '');
  }
  return true;
}

/** Which parts an erasure takes: all versions of the rows. */
export function erase(model: AccessModel, name: string, groups: readonly number[], rows: readonly number[]): boolean {
  const found = model.tables.get(name)?.rows.filter(({ number }) => rows.includes(number)) ?? [];
  for (const { versions } of found)
    for (const parts of versions) for (const group of groups) parts[group]!.erased = true;
  return found.length > 0;
}

/** @param drug what the row's last column says from now on */
export function amend(model: AccessModel, name: string, row: number, drug: string): boolean {
  const table = model.tables.get(name);
  const found = table?.rows.find(({ number }) => number === row);
  if (table === undefined || found?.versions.flat().some(({ erased }) => erased) !== false) return false;
  const [first, second] = found.versions.at(-1) ?? [];
  renew(model, name);
  found.versions.push(partsOf(table, [second?.fields[0] ?? '', first?.fields[0] ?? '', drug]));
  table.next++;
  return true;
}

/*
 * What can be read.
 */

export interface Sight {
  readonly groups: readonly boolean[];
  readonly text: string;
  /** Rows and groups of what was erased, of what the reader could read. */
  readonly erased: readonly (readonly [row: number, group: number])[];
}

const HEADER = [['name'], ['id', 'drug']] as const;

/** What a reader is to see of a table; null where nothing of it. */
export function seen(model: AccessModel, name: string, reader: string): Sight | null {
  const table = model.tables.get(name);
  const keys = reach(model, reader);
  const groups = (table?.groups ?? []).map((group) => keys.has(group.keys[0] ?? ''));
  if (table === undefined || !groups.includes(true)) return null;
  const line = (parts: readonly (readonly string[] | null)[]): string => {
    const [[called = ''], [id = '', drug = '']] = parts.map((part) => part ?? []) as [string[], string[]];
    return `${[...(groups[1] ? [id] : []), ...(groups[0] ? [called] : []), ...(groups[1] ? [drug] : [])].join(',')}\n`;
  };
  const erased: [number, number][] = [];
  let text = line(HEADER);
  for (const { number, versions } of table.rows) {
    const parts = (versions.at(-1) ?? []).map((part, group) => {
      if (!keys.has(part.key)) return null;
      if (part.erased) erased.push([number, group]);
      return part.erased ? null : part.fields;
    });
    if (parts.some((part) => part !== null)) text += line(parts);
  }
  return { groups, text, erased };
}

/** What somebody opens who has kept every grant that they were ever given: every part under a key that it led to. */
export function hoarded(model: AccessModel, reader: string): string[] {
  const keys = reach(model, reader, 'all');
  const parts = [...model.tables.values()].flatMap(({ rows }) => rows.flatMap(({ versions }) => versions.flat()));
  return parts.flatMap(({ key, fields, erased }) => (keys.has(key) && !erased ? [fields.join(',')] : [])).sort();
}
