import type { DatasetInfo } from '../../dataset/directory.js';
import type { Condition } from '../../dataset/lookup/conditions.js';
import { type Finding, type FindReport, findRows, type NotSearched } from '../../dataset/lookup/find.js';
import { isTable } from '../../dataset/media-types.js';
import { ndjsonBytes, originalBytes } from '../../dataset/output.js';
import { MedsealError } from '../../errors.js';
import { parsePublicKey } from '../../keys/public-key.js';
import { openLedger } from '../../ledger/ledger.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode } from '../context.js';
import { hintAtFhir } from '../fhir-hint.js';
import { expectOutput, writeFileWhole, writeStandardOutput } from '../files.js';
import { keyFileOf, requiredIdentity } from '../key-option.js';
import { expectWritable, formatNamed, formatOfName } from '../open-format.js';
import { type ReadingOptions, readingTerms, warnOfOwner } from '../reading.js';
import { count, printable, type Terminal } from '../terminal.js';
import { closedText, nameOf, plain, type UnsearchedJson } from '../unsearched.js';

interface Options extends ReadingOptions {
  readonly where: readonly string[];
  readonly output?: string;
  readonly dataset?: string;
  readonly format?: 'csv' | 'ndjson';
  readonly columns?: string;
  readonly scan?: boolean;
  readonly publicKey?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const { output, dataset, scan = false } = options;
  const where = options.where.map(conditionOf);
  if (terminal.wantsJson && output === undefined) {
    throw new MedsealError('USAGE', '--json reports on standard output, so the rows need a file of their own: -o FILE');
  }
  const owner = options.publicKey === undefined ? undefined : await parsePublicKey(options.publicKey);
  expectOutput(output, path, keyFileOf(options));
  expectFormat(options);
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const finding = await findRows(ledger, identity, {
      where,
      scan,
      ...readingTerms(options, identity, context),
      ...(dataset === undefined ? {} : { dataset }),
      ...(owner === undefined ? {} : { owner }),
    });
    if (!scan && finding.by === 'reading') {
      terminal.warn('this ledger has no index, so all rows are read; "medseal index" makes one');
    }
    await write(finding, options);
    const report = finding.report();
    warnOfOwner(owner, report.owner, finding.info, identity, terminal);
    return conclude(finding, report, { output, where }, terminal);
  } finally {
    await ledger.close();
  }
}

/** `COLUMN=VALUE`: what stands behind the first `=` is the value. @throws {MedsealError} `USAGE` */
export function conditionOf(text: string): Condition {
  const at = text.indexOf('=');
  if (at > 0) return { column: text.slice(0, at), value: text.slice(at + 1) };
  throw new MedsealError('USAGE', '--where takes a column and a value: --where patient_id=P-17');
}

const WHAT = 'rows that are found';

/**
 * Refuses what can never be written before anything is found, and its reading recorded. Whether JSON can, the data set tells.
 * @throws {MedsealError} `USAGE`
 */
function expectFormat({ output, format }: Options): void {
  const named = output === undefined ? undefined : formatOfName(output);
  if (format === undefined && named !== 'json') expectWritable(WHAT, named, ['ndjson']);
}

async function write(finding: Finding, { output, ...options }: Options): Promise<void> {
  const columns = options.columns === undefined ? {} : { columns: options.columns.split(',') };
  const { manifest } = finding.info;
  const named = output === undefined ? undefined : formatNamed(output, manifest?.media_type ?? 'text/csv');
  const { format = named } = options;
  if (options.format === undefined) expectWritable(WHAT, named, ['ndjson']);
  if (options.format === 'csv' && manifest !== null && !isTable(manifest.media_type)) {
    throw new MedsealError('USAGE', 'the data set was sealed from JSON; its rows are JSON only');
  }
  const bytes = format === 'ndjson' ? ndjsonBytes(finding, columns) : originalBytes(finding, columns);
  if (output === undefined) await writeStandardOutput(bytes);
  else await writeFileWhole(output, bytes, { mode: 0o600, compress: true });
}

function conclude(
  finding: Finding,
  report: FindReport,
  { output, where }: { readonly output: string | undefined; readonly where: readonly Condition[] },
  terminal: Terminal,
): ExitCode {
  const { info, by } = finding;
  const { found, blocks, unopened } = report;
  if (blocks > 0) terminal.warn(`${count(blocks, 'block')} left out: "medseal verify" tells what is wrong with them`);
  if (unopened > 0) terminal.warn(`${count(unopened, 'row')} did not open`);
  const name = printable(info.name ?? info.id);
  const into = output === undefined ? '' : ` into ${printable(output)}`;
  // On standard output there is the data, and nothing else.
  const tell = output === undefined ? terminal.note : terminal.say;
  tell(`Found ${count(found, 'row')} of "${name}"${into}.`);
  if (found === 0) {
    for (const { column, value } of where) hintAtFhir([info], column, value, terminal);
  }
  terminal.json({
    dataset: { id: info.id, name: info.name },
    file: output ?? null,
    by,
    found,
    blocks,
    unopened,
    ...tellOthers(finding, terminal),
  });
  return found > 0 && blocks === 0 && unopened === 0 ? DONE : ANSWER_IS_NO;
}

/** Where the data set was not named: which others there are, in which nothing was looked for. */
function tellOthers({ others }: Finding, terminal: Terminal): UnsearchedJson {
  const by = (why: NotSearched['why']): DatasetInfo[] =>
    others.filter((each) => each.why === why).map(({ info }) => info);
  const [without, unindexed, closed] = [by('no column'), by('not indexed'), by('closed')];
  const passed = (infos: readonly DatasetInfo[]): string =>
    `${infos.map(nameOf).join(', ')} ${infos.length === 1 ? 'was' : 'were'} not looked in`;
  if (unindexed.length > 0) {
    terminal.warn(
      `${passed(unindexed)}: rows are not found there by such a column, but --dataset with --scan reads them all`,
    );
  }
  if (without.length > 0) terminal.note(`${passed(without)}: no such column.`);
  if (closed.length > 0) terminal.note(`${closedText(closed.length)}.`);
  return { notSearched: [...unindexed, ...without].map(plain), notOpened: closed.length };
}
