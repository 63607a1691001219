import { TRAIL_KINDS } from '../../access/fhir.js';
import { type Touched, touchedBy } from '../../access/touching.js';
import { type TrailEvent, type TrailFilter, trailOf } from '../../access/trail.js';
import { toHex } from '../../bytes.js';
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
import { count } from '../terminal.js';
import { type TrailFormat, trailText } from '../trail-text.js';
import { PERHAPS_ERASED, warnOfUnsearched } from '../unsearched.js';

interface Options extends KeyOptions, PinOptions {
  readonly by?: string;
  readonly kind?: string;
  readonly from?: string;
  readonly to?: string;
  readonly format?: TrailFormat;
  readonly output?: string;
  readonly subject?: string;
  readonly scan?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  expectOutput(options.output, path, keyFileOf(options));
  const given = await filterOf(options);
  const pinned = await pins(options);
  const named = options.subject !== undefined || options.key !== undefined;
  const identity = named ? await requiredIdentity(options) : null;
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
    const text = trailText(format, counted(), { ledger, ledgerId: toHex(ledgerId), state, datasets });
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
