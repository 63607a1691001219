import { type Covering, coveringErasures } from '../../access/erasure.js';
import { rowsWithoutVersions } from '../../dataset/amendments.js';
import type { DatasetInfo } from '../../dataset/directory.js';
import { groupLabel, untilExpired } from '../../dataset/group-info.js';
import { type OpenedDataset, type OpenReport, openDataset } from '../../dataset/open.js';
import { type OpenFormat, type OpenFormatOptions, openedBytes } from '../../dataset/typed/formats.js';
import { MedsealError } from '../../errors.js';
import { parsePublicKey } from '../../keys/public-key.js';
import { type Ledger, openLedger } from '../../ledger/ledger.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode, threadCount } from '../context.js';
import { expectOutput, writeFileWhole, writeStandardOutput } from '../files.js';
import { keyFileOf, requiredIdentity } from '../key-option.js';
import { expectReadable, formatNamed } from '../open-format.js';
import { type ReadingOptions, readingTerms, warnOfOwner } from '../reading.js';
import { rowRange } from '../row-range.js';
import { columnTypes } from '../schema.js';
import { count, printable, printError, type Terminal } from '../terminal.js';

interface Options extends ReadingOptions {
  readonly output?: string;
  readonly dataset?: string;
  readonly format?: OpenFormat;
  readonly schema?: string;
  readonly rows?: string;
  readonly columns?: string;
  readonly group?: readonly string[];
  readonly publicKey?: string;
  readonly threads?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const rows = rowRange(options.rows);
  const schema = columnTypes(options.schema);
  const threads = threadCount(options.threads);
  const owner = options.publicKey === undefined ? undefined : await parsePublicKey(options.publicKey);
  if (terminal.wantsJson && options.output === undefined) {
    throw new MedsealError('USAGE', '--json reports on standard output, so the data needs a file of its own: -o FILE');
  }
  expectOutput(options.output, path, keyFileOf(options));
  if (options.output === undefined) expectReadable(options.format, process.stdout.isTTY);
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    let bar: Awaited<ReturnType<typeof terminal.progress>> | null = null;
    // Bars and rows on one terminal would only garble each other.
    if (options.output !== undefined || !process.stdout.isTTY)
      bar = await terminal.progress('blocks', await ledger.size());
    const dataset = await openDataset(ledger, identity, {
      ...threads,
      ...readingTerms(options, identity, context),
      onProgress: (blocks) => bar?.update(blocks),
      ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
      ...(options.group === undefined ? {} : { groups: options.group }),
      ...(rows === undefined ? {} : { rows }),
      ...(owner === undefined ? {} : { owner }),
    });
    try {
      await write(dataset, options, schema);
    } finally {
      bar?.stop();
    }
    warnOfOwner(owner, dataset.report().verdict.owner, dataset.info, identity, terminal);
    return await conclude(ledger, dataset, options, terminal);
  } catch (error) {
    if (error instanceof MedsealError && isNothingToOpen(error, options)) {
      printError(error);
      terminal.json({ error: { code: error.code, message: error.message } });
      return ANSWER_IS_NO;
    }
    throw error;
  } finally {
    await ledger.close();
  }
}

/** "Nothing here for this key, or of this owner" is an answer, not a mistake. */
function isNothingToOpen({ code }: MedsealError, { dataset }: Options): boolean {
  return (
    code === 'NOT_GRANTED' ||
    code === 'OWNER_MISMATCH' ||
    code === 'LEDGER_INVALID' ||
    (code === 'DATASET_NOT_FOUND' && dataset === undefined)
  );
}

async function write(dataset: OpenedDataset, options: Options, schema: OpenFormatOptions['schema']): Promise<void> {
  const { format = formatOf(dataset, options) } = options;
  const bytes = await openedBytes(dataset, {
    ...(format === undefined ? {} : { format }),
    ...(options.columns === undefined ? {} : { columns: options.columns.split(',') }),
    ...(schema === undefined ? {} : { schema }),
  });
  if (options.output === undefined) await writeStandardOutput(bytes);
  else await writeFileWhole(options.output, bytes, { mode: 0o600, compress: true });
}

function formatOf({ info }: OpenedDataset, { output }: Options): OpenFormat | undefined {
  return output === undefined ? undefined : formatNamed(output, info.manifest?.media_type ?? 'text/csv');
}

async function conclude(
  ledger: Ledger,
  { info, report }: OpenedDataset,
  options: Options,
  terminal: Terminal,
): Promise<ExitCode> {
  const outcome = report();
  for (const text of complaints(outcome, rowsWithoutVersions(info.rows, info.amendments), info.groupCount))
    terminal.warn(text);
  const { verdict, opened, corrected, left, erased, closed, missing, complete } = outcome;
  for (const text of closedGroups(info)) terminal.warn(text);
  const erasures = await erasuresOf(ledger, info, erased);
  for (const erasure of erasures) terminal.warn(erasureText(erasure, info));
  const name = printable(info.name ?? info.id);
  const into = options.output === undefined ? '' : ` into ${printable(options.output)}`;
  // On standard output there is the data, and nothing else.
  const tell = options.output === undefined ? terminal.note : terminal.say;
  const newest = corrected === 0 ? '' : `, ${count(corrected)} of them corrected`;
  tell(`Opened ${count(opened, 'row')} of "${name}"${newest}${into}.`);
  terminal.json({
    dataset: { id: info.id, name: info.name },
    file: options.output ?? null,
    rows: opened,
    corrected,
    left,
    groups: info.groups.map((group) => ({
      number: group.number + 1,
      name: group.manifest?.group ?? null,
      columns: group.manifest?.columns.map(({ name }) => name) ?? null,
      access: group.access,
    })),
    erased: [...new Set(erased.map(({ row }) => row))],
    erasures: erasures.map(({ block, basis, covered }) => ({ block, basis, records: covered.length })),
    closed,
    missing,
    complete,
    verified: verdict.ok,
    problems: verdict.problems,
  });
  return verdict.ok && left.length === 0 && missing === 0 && complete ? DONE : ANSWER_IS_NO;
}

type Erased = OpenReport['erased'][number];

/** What erased wanted rows, and header rows without which a group's columns are unknown. */
async function erasuresOf(
  ledger: Ledger,
  { groups }: DatasetInfo,
  erased: readonly Erased[],
): Promise<Covering<Erased>[]> {
  const headers = groups.flatMap((group) =>
    group.access === 'erased' && group.headerPlace !== null
      ? [{ ...group.headerPlace, row: 0, group: groupLabel(group) }]
      : [],
  );
  const all = [...headers, ...erased];
  return all.length === 0 ? [] : coveringErasures(ledger, all);
}

function erasureText({ block, basis, covered }: Covering<Erased>, { groupCount }: DatasetInfo): string {
  const parts = [...new Set(covered.map(({ group }) => group))].map((label) => {
    const records = covered.filter(({ group }) => group === label);
    const name = `column group "${printable(label)}"`;
    if (groupCount === 1) return count(records.length, 'row');
    return records.some(({ row }) => row === 0) ? name : `${count(records.length, 'row')} of ${name}`;
  });
  return `${parts.join(', ')} erased by block ${block}: ${printable(basis)}`;
}

/** What of a data set this key may not read. */
function closedGroups({ groups, groupCount }: DatasetInfo): string[] {
  return groups.flatMap((group) => {
    const name = `column group "${printable(groupLabel(group))}" of ${groupCount}`;
    if (group.access === 'not granted')
      return [`${name} is not granted to this key${untilExpired([group])}: its columns are left out`];
    if (group.access === 'no header')
      return [`${name} is left out: its header row does not open, so its columns are unknown`];
    return [];
  });
}

function complaints(
  { verdict, opened, left, erased, closed, missing, complete }: OpenReport,
  total: number,
  groups: number,
): string[] {
  const texts = verdict.problems.slice(0, 20).map(({ block, entry, code, message }) => {
    const where = entry === null ? `block ${block}` : `block ${block}, entry ${entry}`;
    return `${where} was left out: ${code}: ${message}`;
  });
  if (verdict.problems.length > texts.length)
    texts.push(`${count(verdict.problems.length - texts.length, 'further problem')}`);
  const unopened = left.filter(({ row }) => row !== null).map(({ row }) => row);
  if (unopened.length > 0)
    texts.push(`${count(unopened.length, 'row')} did not open: ${unopened.slice(0, 10).join(', ')}`);
  if (missing > 0) texts.push(`${count(missing, 'row')} could not be had: the blocks that held them do not verify`);
  if (closed > 0)
    texts.push(
      `${count(closed, 'row')} are closed to this key: they were sealed after it was revoked, or before it was granted them${groups === 1 ? '' : '; where only some columns are, those are empty'}`,
    );
  if (verdict.ok && opened + erased.length + closed === 0 && total > 0)
    texts.push(`none of these rows is there: the data set has ${count(total, 'row')}`);
  if (!complete) texts.push('the data set is incomplete: its sealing was interrupted, or goes on just now');
  return texts;
}
