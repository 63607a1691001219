import { type About, aboutOf, type NamedRows } from '../access/about.js';
import { detailsOf, toAuditEvent } from '../access/fhir.js';
import { runsText } from '../access/row-runs.js';
import { concerned, type TrailEvent } from '../access/trail.js';
import { utf8 } from '../bytes.js';
import type { DatasetInfo } from '../dataset/directory.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerState } from '../verify/state.js';
import { dim, jsonText, printable } from './terminal.js';

export type TrailFormat = 'table' | 'csv' | 'json' | 'fhir';

/** What it takes to tell events of a ledger that has been verified. */
interface Told {
  readonly ledger: Ledger;
  /** Its id, hex. */
  readonly ledgerId: string;
  readonly state: LedgerState;
  /** Those that a key opens, if one was given. */
  readonly datasets: readonly DatasetInfo[];
}

/** A trail as a person or a program reads it. */
export async function* trailText(
  format: TrailFormat,
  events: AsyncIterable<TrailEvent>,
  { ledger, ledgerId, state, datasets }: Told,
): AsyncGenerator<Uint8Array> {
  if (format === 'csv') yield utf8(`${COLUMNS.join(',')}\r\n`);
  let first = true;
  for await (const event of events) {
    const about = await aboutOf(ledger, state, event.statement);
    if (format === 'fhir') yield utf8(`${jsonText(toAuditEvent(event, about, ledgerId))}\n`);
    else if (format === 'json') yield utf8(`${first ? '[' : ','}\n  ${jsonText(plain(event, about))}`);
    else if (format === 'csv') yield utf8(`${csvFields(event, about).map(quoted).join(',')}\r\n`);
    else yield utf8(`${line(event, about, datasets)}\n`);
    first = false;
  }
  if (format === 'json') yield utf8(first ? '[]\n' : '\n]\n');
}

/** New ones stand at the end: others go by the places of these. */
const COLUMNS = [
  'time',
  'block',
  'entry',
  'event',
  'by',
  'approved by',
  'concerns',
  'data set',
  'group',
  'purpose',
  'outcome',
  'details',
  'role',
  'reader role',
  'erased',
];

function plain({ statement, ...event }: TrailEvent, { dataset, group, role, readerRole, records }: About): object {
  const { enc, wrapped, approvals, signature, ...members } = statement as unknown as Record<string, unknown>;
  const erased = statement.kind === 'erase' ? { erased: records } : {};
  return { ...event, dataset, group, statement: members, role, readerRole, ...erased };
}

function csvFields({ time, block, entry, by, approvedBy, statement }: TrailEvent, about: About): string[] {
  const access = statement.kind === 'access' ? statement : null;
  return [
    time,
    String(block),
    String(entry),
    statement.kind,
    by,
    approvedBy.join(' '),
    concerned(statement).join(' '),
    about.dataset ?? '',
    String(about.group ?? ''),
    access?.purpose ?? '',
    access?.outcome ?? '',
    detailsOf(statement)
      .map(([name, value]) => `${name}: ${value}`)
      .join('; '),
    about.role ?? '',
    about.readerRole ?? '',
    about.records.map((records) => namedRowsText(records, [], records.dataset)).join('; '),
  ];
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function line(
  { time, block, by, approvedBy, statement }: TrailEvent,
  about: About,
  datasets: readonly DatasetInfo[],
): string {
  const parts = [
    ...whomOf(statement, about),
    ...roleOf(statement, about),
    ...(about.records.length > 0
      ? about.records.map((records) => namedRowsText(records, datasets))
      : datasetOf(about, datasets)),
    ...(statement.kind === 'access' ? [statement.purpose, statement.outcome] : []),
    ...detailsOf(statement).map(([name, value]) => `${name}: ${printable(value)}`),
    ...(approvedBy.length === 0 ? [] : [`approved by ${approvedBy.map((key) => key.slice(0, 12)).join(', ')}`]),
  ];
  return `${time}  ${String(block).padStart(6)}  ${by.slice(0, 12)}  ${statement.kind.padEnd(14)}  ${dim(parts.join(' · '))}`.trimEnd();
}

/** Who is given or loses something: roles by their names. */
function whomOf(statement: TrailEvent['statement'], { readerRole }: About): string[] {
  const keys = concerned(statement).map((key) => key.slice(0, 12));
  const whom = readerRole === null ? keys.join(', ') : `role ${readerRole}`;
  return whom === '' ? [] : [`${statement.kind === 'revoke' ? 'from' : 'to'} ${whom}`];
}

function roleOf({ kind }: TrailEvent['statement'], { role, readerRole }: About): string[] {
  if (role === null) return [];
  if (kind === 'role') return [`role ${role}`];
  // A role's new key opens the one that it had before.
  return [readerRole === role ? `earlier key of role ${role}` : `member of role ${role}`];
}

function datasetOf({ dataset, group }: About, datasets: readonly DatasetInfo[]): string[] {
  if (dataset === null) return [];
  return [`${datasetText(dataset, datasets)}${group === null ? '' : `, ${groupsText(dataset, [group], datasets)}`}`];
}

/** Rows of a data set for people: `data set "visits", group 1, rows 2–3`. @param called its id, as long as it is to be */
export function namedRowsText(
  { dataset, groups, rows }: NamedRows,
  datasets: readonly DatasetInfo[],
  called: string = dataset.slice(0, 12),
): string {
  const which = groups === null ? '' : `, ${groupsText(dataset, groups, datasets)}`;
  const numbered = rows.map(([from, to]) => [Math.max(from, 1), to] as const).filter(([from, to]) => from <= to);
  const header = rows.some(([from]) => from === 0) ? ['the header row'] : [];
  const one = numbered.length === 1 && numbered[0]?.[0] === numbered[0]?.[1];
  const named = numbered.length === 0 ? [] : [`${one ? 'row' : 'rows'} ${runsText(numbered)}`];
  return `${datasetText(dataset, datasets, called)}${which}, ${[...header, ...named].join(' and ')}`;
}

/** A data set by name where the key at hand opens it. */
export function datasetText(id: string, datasets: readonly DatasetInfo[], called: string = id.slice(0, 12)): string {
  const name = datasets.find((info) => info.id === id)?.name ?? null;
  return `data set ${name === null ? called : `"${printable(name)}"`}`;
}

/** Column groups, by their names where the key at hand opens them. */
export function groupsText(dataset: string, groups: readonly number[], datasets: readonly DatasetInfo[]): string {
  const info = datasets.find(({ id }) => id === dataset);
  const names = groups.map((group) => {
    const manifest = info?.groups.find(({ number }) => number === group - 1)?.manifest ?? null;
    return manifest === null ? String(group) : `"${printable(manifest.group)}"`;
  });
  return `${names.length === 1 ? 'group' : 'groups'} ${names.join(', ')}`;
}
