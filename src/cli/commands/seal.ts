import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { nameWithin } from '../../compression/forms.js';
import type { Identity } from '../../crypto/identity.js';
import { type GroupChoice, parseGroup } from '../../dataset/groups.js';
import { chooseLookup, type LookupChoice } from '../../dataset/lookup/columns.js';
import { datasetName } from '../../dataset/manifest.js';
import { isBundle } from '../../dataset/media-types.js';
import { type SealResult, sealDataset } from '../../dataset/seal.js';
import { planFor, type SealPlan } from '../../dataset/seal-plan.js';
import { examine } from '../../dataset/source/examine.js';
import type { Format } from '../../dataset/source/formats.js';
import type { Examined, SourceOptions } from '../../dataset/source/source.js';
import { MedsealError } from '../../errors.js';
import { MAX_ENTRIES } from '../../format/limits.js';
import { type Ledger, openLedger } from '../../ledger/ledger.js';
import { type Context, DONE, type ExitCode, threadCount, wholeNumber } from '../context.js';
import { type KeyOptions, rememberedHeads, requiredIdentity } from '../key-option.js';
import { type PinOptions, pins } from '../pins.js';
import { count, printable, size } from '../terminal.js';

interface Options extends KeyOptions, PinOptions {
  readonly blockSize?: string;
  readonly name?: string;
  readonly append?: boolean;
  readonly subject?: string;
  /** False for --no-index. */
  readonly index?: string | false;
  readonly repeat?: boolean;
  readonly check?: boolean;
  readonly acceptRollback?: boolean;
  readonly group?: readonly string[];
  readonly delimiter?: string;
  readonly format?: Format;
  readonly threads?: string;
}

/** Above this many rows a person will want to know of `--block-size`. */
const MANY_ROWS = 500;
/** In bytes. */
const LARGE_FILE = 50_000_000;

/** What is the same for all files. */
interface Run extends LookupChoice {
  readonly ledger: Ledger;
  readonly identity: Identity;
  readonly blockSize: number;
  readonly append: boolean;
  readonly groups: readonly GroupChoice[];
  readonly threads?: number;
}

interface Job {
  readonly file: string;
  readonly name: string;
  readonly examined: Examined;
}

export async function run([path = '', ...files]: string[], options: Options, context: Context): Promise<ExitCode> {
  const blockSize = wholeNumber(options.blockSize ?? '1', '--block-size', 1, MAX_ENTRIES);
  const threads = threadCount(options.threads);
  const names = namesFor(files, options.name);
  const groups = (options.group ?? []).map(parseGroup);
  // A key that does not open and a ledger that is none are found before long files are looked through.
  const identity = options.check ? null : await requiredIdentity(options);
  const ledger = options.check ? null : await openLedger(path, threads);
  try {
    const jobs: Job[] = [];
    for (const [i, file] of files.entries()) {
      const examined = await examineWithProgress(file, options, context);
      // A column that is none of this file's is found before another file is sealed.
      chooseLookup(examined, lookupOf(options));
      jobs.push({ file, name: names[i] ?? '', examined });
    }
    // Before anything is written, also of the files before it.
    const plans = jobs.map(({ examined }) => planFor(examined, groups));
    if (identity === null || ledger === null) return reportCheck(jobs, plans, context);
    const results: (SealResult & { file: string })[] = [];
    for (const job of jobs) {
      const run = {
        ledger,
        identity,
        blockSize,
        append: options.append ?? false,
        groups,
        ...threads,
        ...lookupOf(options),
      };
      results.push({ file: job.file, ...(await sealOne(job, run, options, context)) });
    }
    context.terminal.json({ ledger: path, sealed: results });
    return DONE;
  } finally {
    await ledger?.close();
  }
}

function lookupOf({ subject, index }: Options): LookupChoice {
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(typeof index === 'string' ? { index: index.split(',') } : {}),
    ...(index === false ? { fhirIndex: false } : {}),
  };
}

function namesFor(files: readonly string[], given: string | undefined): string[] {
  if (given !== undefined && files.length > 1)
    throw new MedsealError('USAGE', '--name is for one file; several are given');
  if (given === undefined && files.includes('-'))
    throw new MedsealError('USAGE', 'standard input has no name; give one with --name');
  const names = files.map((file) => datasetName(given ?? nameOf(file)));
  if (new Set(names).size < names.length) {
    throw new MedsealError(
      'USAGE',
      'two files would make data sets of the same name; seal them one by one with --name',
    );
  }
  return names;
}

/** A file's name without its extension, and without that of its compression: `visits` of `visits.csv.gz`. */
function nameOf(file: string): string {
  const name = nameWithin(basename(file));
  return basename(name, extname(name));
}

async function examineWithProgress(file: string, options: Options, { terminal, signal }: Context): Promise<Examined> {
  const source: SourceOptions = {
    signal,
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
  };
  if (file === '-') return examine(process.stdin, source);
  // Looking through is quick; only a large file makes a person wait.
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const megabytes = (count: number): number => Math.round(count / 1_000_000);
  const bar = await terminal.progress('MB', bytes > LARGE_FILE ? megabytes(bytes) : null);
  try {
    return await examine(file, { ...source, onExamined: (read) => bar.update(megabytes(read)) });
  } finally {
    bar.stop();
  }
}

function reportCheck(jobs: readonly Job[], plans: readonly SealPlan[], { terminal }: Context): ExitCode {
  for (const [i, { file, examined }] of jobs.entries()) {
    const { groups = [] } = plans[i] ?? {};
    const how = groups.length < 2 ? '' : `, in ${count(groups.length, 'column group')}`;
    terminal.say(`${printable(file)}: ${describe(examined)}; fit to be sealed${how}.`);
  }
  terminal.json({
    checked: jobs.map(({ file, examined }, i) => ({
      file,
      format: examined.format,
      rows: examined.rows,
      bytes: examined.bytes,
      delimiter: examined.shape.delimiter,
      encoding: examined.shape.encoding,
      columns: examined.shape.columns.map(({ name }) => name),
      groups: (plans[i]?.groups ?? []).map(({ name, columns }) => ({
        name,
        columns: columns.map((place) => examined.shape.columns[place]?.name),
      })),
    })),
  });
  return DONE;
}

function describe({ format, rows, bytes, shape, compression }: Examined): string {
  const within = compression == null ? '' : ` unpacked from ${compression}`;
  const much = rows === null || bytes === null ? `a stream${within}` : `${count(rows, 'row')}, ${size(bytes)}${within}`;
  if (isBundle(shape.media_type)) return `FHIR Bundle, ${much}`;
  if (format === 'fhir') return `FHIR resources, ${much}`;
  if (format === 'ndjson') return `NDJSON, ${much}`;
  if (format === 'parquet') return `Parquet, ${much}, ${count(shape.columns.length, 'column')}`;
  const delimiter = shape.delimiter === '\t' ? 'tab' : `"${shape.delimiter}"`;
  return `CSV, ${much}, ${count(shape.columns.length, 'column')}, delimiter ${delimiter}, ${shape.encoding.toUpperCase()}`;
}

async function sealOne(
  { file, name, examined }: Job,
  { ledger, identity, ...run }: Run,
  options: Options,
  { terminal, signal }: Context,
): Promise<SealResult> {
  terminal.note(`${printable(file)}: ${describe(examined)}`);
  if (options.blockSize === undefined && (examined.rows ?? 0) > MANY_ROWS) {
    terminal.note('one record a block, each with its own proof of work; --block-size 500 is many times faster');
  }
  const bar = await terminal.progress('rows', examined.rows);
  try {
    const result = await sealDataset(ledger, identity, examined, {
      ...run,
      name,
      repeat: options.repeat ?? false,
      signal,
      ...(await pins(options)),
      ...rememberedHeads(options, identity, terminal),
      acceptRollback: options.acceptRollback ?? false,
      onProgress: ({ rows }) => bar.update(rows),
    });
    bar.stop();
    terminal.say(resultText(file, result));
    return result;
  } catch (error) {
    bar.stop();
    throw error instanceof MedsealError && error.code === 'ABORTED' ? interrupted(error, name) : error;
  }
}

function resultText(file: string, { name, rows, sealed, resumed, already, blocks }: SealResult): string {
  const shown = `"${printable(name)}"`;
  if (already) return `${printable(file)} is sealed already as ${shown}: nothing to do.`;
  const where = blocks === null ? '' : ` in blocks ${blocks.from} to ${blocks.to}`;
  const before = resumed > 0 ? ` ${count(resumed, 'row')} had been sealed before.` : '';
  const total = rows > sealed + resumed ? ` It has ${count(rows, 'row')} now.` : '';
  return `Sealed ${count(sealed, 'row')} as ${shown}${where}.${before}${total}`;
}

function interrupted(cause: MedsealError, name: string): MedsealError {
  const message = `interrupted. What is sealed of "${name}" is kept; the same command goes on from there`;
  return new MedsealError('ABORTED', message, {}, { cause });
}
