import { detailsOf, TRAIL_KINDS, toAuditEvent } from '../../access/fhir.js';
import { type Touched, touchedBy } from '../../access/touching.js';
import {
  type Concerned,
  concerned,
  datasetOf,
  type TrailEvent,
  type TrailFilter,
  trailOf,
} from '../../access/trail.js';
import { toHex, utf8 } from '../../bytes.js';
import { type DatasetInfo, listDatasets } from '../../dataset/directory.js';
import { entriesOf, rowsOfSubject, type SubjectEntry } from '../../dataset/lookup/subject.js';
import { MedsealError } from '../../errors.js';
import { parsePublicKey } from '../../keys/public-key.js';
import { type Ledger, openLedger } from '../../ledger/ledger.js';
import { verifiedState } from '../../ledger/verified-state.js';
import type { LedgerState } from '../../verify/state.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { hintAtPatient } from '../fhir-hint.js';
import { expectOutput, writeFileWhole, writeStandardOutput } from '../files.js';
import { type KeyOptions, keyFileOf, requiredIdentity } from '../key-option.js';
import { type PinOptions, pins } from '../pins.js';
import { dateOf } from '../saying.js';
import { count, dim, printable } from '../terminal.js';
import { PERHAPS_ERASED, warnOfUnsearched } from '../unsearched.js';

type Format = 'table' | 'csv' | 'json' | 'fhir';

interface Options extends KeyOptions, PinOptions {
  readonly by?: string;
  readonly kind?: string;
  readonly from?: string;
  readonly to?: string;
  readonly format?: Format;
  readonly output?: string;
  readonly subject?: string;
  readonly scan?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  expectOutput(options.output, path, keyFileOf(options));
  const named = options.subject !== undefined || options.key !== undefined;
  const identity = named ? await requiredIdentity(options) : null;
  const given = await filterOf(options);
  const pinned = await pins(options);
  const format = terminal.wantsJson ? 'json' : (options.format ?? 'table');
  const ledger = await openLedger(path);
  try {
    const { ledgerId, state } = await verifiedState(ledger, pinned);
    const datasets = identity === null ? [] : (await listDatasets(ledger, identity)).datasets;
    const { subject, scan = false } = options;
    if (subject !== undefined) warnOfUnsearched(datasets, terminal);
    const touching = subject === undefined ? null : await touchedOf(ledger, state, datasets, subject, scan);
    const filter = { ...given, ...(touching === null ? {} : { touching }) };
    let events = 0;
    const counted = async function* (): AsyncGenerator<TrailEvent> {
      for await (const event of trailOf(ledger, filter)) {
        events++;
        yield event;
      }
    };
    const text = textOf(format, counted(), { ledger: toHex(ledgerId), state, datasets });
    if (options.output === undefined) await writeStandardOutput(text);
    else await writeFileWhole(options.output, text, { mode: 0o600, compress: true });
    terminal.note(`${count(events, 'event')} of a trail that verifies.`);
    if (subject !== undefined && touching?.places.size === 0) {
      terminal.warn(state.erased === 0 ? NO_RECORDS : `${NO_RECORDS}; ${PERHAPS_ERASED}`);
      hintAtPatient(datasets, subject, terminal);
    }
    return DONE;
  } finally {
    await ledger.close();
  }
}

const NO_RECORDS = 'no record that this key opens is of this subject';

/** What the records of a subject come into contact with. */
async function touchedOf(
  ledger: Ledger,
  state: LedgerState,
  datasets: readonly DatasetInfo[],
  subject: string,
  scan: boolean,
): Promise<Touched> {
  const records: SubjectEntry[] = [];
  for (const found of await rowsOfSubject(ledger, state, datasets, subject, { scan })) {
    records.push(...(await entriesOf(ledger, state, found)));
  }
  return touchedBy(state, records);
}

/** @throws {MedsealError} `USAGE` */
async function filterOf({ by, kind, from, to, subject }: Options): Promise<TrailFilter> {
  const filter = {
    ...(by === undefined ? {} : { by: await parsePublicKey(by) }),
    ...(kind === undefined ? {} : { kinds: kindsOf(kind, subject !== undefined) }),
    ...(from === undefined ? {} : { from: startOf(from) }),
    ...(to === undefined ? {} : { to: dateOf(to) }),
  };
  if (filter.from !== undefined && filter.to !== undefined && filter.from > filter.to) {
    throw new MedsealError('USAGE', `--from ${from} is later than --to ${to}: no event can be both`);
  }
  return filter;
}

/** @param ofSubject whether it is asked for a subject's records: only of these it is known when they were sealed */
function kindsOf(text: string, ofSubject: boolean): string[] {
  const known = TRAIL_KINDS.filter((kind) => ofSubject || kind !== 'sealed');
  const kinds = text.split(',').map((kind) => kind.trim());
  const unknown = kinds.find((kind) => !known.includes(kind));
  if (unknown === undefined) return kinds;
  const why = unknown === 'sealed' ? ' is told with --subject only' : ' is no kind of event';
  throw new MedsealError('USAGE', `${JSON.stringify(unknown)}${why}; the kinds are ${known.join(', ')}`);
}

/** A day from its beginning on. @throws {MedsealError} `USAGE` */
function startOf(text: string): ReturnType<typeof dateOf> {
  return dateOf(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00.000Z` : text);
}

/** What it takes to tell events. */
interface Told {
  readonly ledger: string;
  readonly state: LedgerState;
  /** Those that a key opens, if one was given. */
  readonly datasets: readonly DatasetInfo[];
}

async function* textOf(
  format: Format,
  events: AsyncIterable<TrailEvent>,
  { ledger, state, datasets }: Told,
): AsyncGenerator<Uint8Array> {
  if (format === 'csv') yield utf8(`${COLUMNS.join(',')}\r\n`);
  let first = true;
  for await (const event of events) {
    if (format === 'json') yield utf8(`${first ? '[' : ','}\n  ${JSON.stringify(plain(event, state))}`);
    else if (format === 'fhir') yield utf8(`${JSON.stringify(toAuditEvent(event, ledger))}\n`);
    else if (format === 'csv') yield utf8(`${csvFields(event, state).map(quoted).join(',')}\r\n`);
    else yield utf8(`${line(event, state, datasets)}\n`);
    first = false;
  }
  if (format === 'json') yield utf8(first ? '[]\n' : '\n]\n');
}

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
];

function plain({ statement, ...event }: TrailEvent, state: LedgerState): object {
  const { enc, wrapped, approvals, signature, ...members } = statement as unknown as Record<string, unknown>;
  const { dataset = null, group = null } = datasetOf(statement, state) ?? {};
  return { ...event, dataset, group, statement: members };
}

function csvFields({ time, block, entry, by, approvedBy, statement }: TrailEvent, state: LedgerState): string[] {
  const access = statement.kind === 'access' ? statement : null;
  const about = datasetOf(statement, state);
  return [
    time,
    String(block),
    String(entry),
    statement.kind,
    by,
    approvedBy.join(' '),
    concerned(statement).join(' '),
    about?.dataset ?? '',
    String(about?.group ?? ''),
    access?.purpose ?? '',
    access?.outcome ?? '',
    detailsOf(statement)
      .map(([name, value]) => `${name}: ${value}`)
      .join('; '),
  ];
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function line(
  { time, block, by, approvedBy, statement }: TrailEvent,
  state: LedgerState,
  datasets: readonly DatasetInfo[],
): string {
  const whom = concerned(statement).map((key) => key.slice(0, 12));
  const about = datasetOf(statement, state);
  const parts = [
    ...(whom.length === 0 ? [] : [`to ${whom.join(', ')}`.replace(/^to/, statement.kind === 'revoke' ? 'from' : 'to')]),
    ...(about === null ? [] : [datasetText(about, datasets)]),
    ...(statement.kind === 'access' ? [statement.purpose, statement.outcome] : []),
    ...detailsOf(statement).map(([name, value]) => `${name}: ${printable(value)}`),
    ...(approvedBy.length === 0 ? [] : [`approved by ${approvedBy.map((key) => key.slice(0, 12)).join(', ')}`]),
  ];
  return `${time}  ${String(block).padStart(6)}  ${by.slice(0, 12)}  ${statement.kind.padEnd(14)}  ${dim(parts.join(' · '))}`.trimEnd();
}

/** By name where the key at hand opens it. */
function datasetText({ dataset, group }: Concerned, datasets: readonly DatasetInfo[]): string {
  const info = datasets.find(({ id }) => id === dataset);
  const name = info?.name == null ? dataset.slice(0, 12) : `"${printable(info.name)}"`;
  if (group === null) return `data set ${name}`;
  const manifest = info?.groups.find(({ number }) => number === group - 1)?.manifest ?? null;
  return `data set ${name}, group ${manifest === null ? group : `"${printable(manifest.group)}"`}`;
}
