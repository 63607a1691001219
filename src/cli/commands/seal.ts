import { statSync } from 'node:fs';
import type { Identity } from '../../crypto/identity.js';
import { parseGroup } from '../../dataset/groups.js';
import { chooseLookup, type LookupChoice } from '../../dataset/lookup/columns.js';
import { isBundle } from '../../dataset/media-types.js';
import type { SealProgress, SealResult } from '../../dataset/seal.js';
import { namingFile, type SealDatasetsOptions, sealDatasets } from '../../dataset/seal-datasets.js';
import { planFor, type SealPlan } from '../../dataset/seal-plan.js';
import { examine } from '../../dataset/source/examine.js';
import type { Format } from '../../dataset/source/formats.js';
import type { Examined, SourceOptions } from '../../dataset/source/source.js';
import { MedsealError } from '../../errors.js';
import { MAX_ENTRIES } from '../../format/limits.js';
import { type Ledger, openLedger } from '../../ledger/ledger.js';
import { type Context, DONE, type ExitCode, threadCount, wholeNumber } from '../context.js';
import { inputFiles, namesFor } from '../input-files.js';
import { type KeyOptions, rememberedHeads, requiredIdentity } from '../key-option.js';
import { type PinOptions, pins } from '../pins.js';
import { count, printable, size, type Terminal, table } from '../terminal.js';

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
/** Above this many files, what each is said to be would only be scrolled past. */
const MANY_FILES = 10;
/** In bytes. */
const LARGE_FILE = 50_000_000;

interface Job {
  readonly file: string;
  readonly name: string;
  readonly examined: Examined;
}

type Sealed = SealResult & { readonly file: string };

export async function run([path = '', ...given]: string[], options: Options, context: Context): Promise<ExitCode> {
  const blockSize = wholeNumber(options.blockSize ?? '1', '--block-size', 1, MAX_ENTRIES);
  const threads = threadCount(options.threads);
  const files = await inputFiles(given);
  const names = namesFor(files, options.name);
  const groups = (options.group ?? []).map(parseGroup);
  // A key that does not open and a ledger that is none are found before long files are looked through.
  const identity = options.check ? null : await requiredIdentity(options);
  const ledger = options.check ? null : await openLedger(path, threads);
  try {
    const jobs = await examineAll(files, names, options, context);
    // Before anything is written, also of the files before it: a column that is none of this file's is found here.
    const plans: SealPlan[] = [];
    for (const { examined } of jobs) {
      const plan = await namingFile(examined, jobs.length === 1, () => {
        chooseLookup(examined, lookupOf(options));
        return planFor(examined, groups);
      });
      plans.push(plan);
    }
    if (identity === null || ledger === null) return reportCheck(jobs, plans, context);
    const sealing: SealDatasetsOptions = {
      blockSize,
      groups,
      append: options.append ?? false,
      repeat: options.repeat ?? false,
      ...threads,
      ...lookupOf(options),
      signal: context.signal,
      ...(await pins(options)),
      ...rememberedHeads(options, identity, context.terminal),
      acceptRollback: options.acceptRollback ?? false,
      onCompleted: ({ length }) =>
        context.terminal.note(
          `Completed an erasure that had been interrupted: ${count(length, 'record')} destroyed in this file.`,
        ),
    };
    const results = await sealAll(ledger, identity, jobs, sealing, options, context);
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

/** Looks through all files, with one bar. */
async function examineAll(
  files: readonly string[],
  names: readonly string[],
  options: Options,
  { terminal, signal }: Context,
): Promise<Job[]> {
  const source: SourceOptions = {
    signal,
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
  };
  const sizes = files.map((file) => (file === '-' ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0)));
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  // Looking through is quick; only much of it makes a person wait.
  const bar = await terminal.progress('bytes', total > LARGE_FILE ? total : null);
  const jobs: Job[] = [];
  let before = 0;
  try {
    for (const [i, file] of files.entries()) {
      const onExamined = (bytes: number): void => bar.update(before + bytes);
      const examined = await examine(file === '-' ? process.stdin : file, { ...source, onExamined });
      jobs.push({ file, name: names[i] ?? '', examined });
      before += sizes[i] ?? 0;
    }
    return jobs;
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

async function sealAll(
  ledger: Ledger,
  identity: Identity,
  jobs: readonly Job[],
  sealing: SealDatasetsOptions,
  options: Options,
  { terminal }: Context,
): Promise<Sealed[]> {
  for (const text of announced(jobs)) terminal.note(text);
  const rows = jobs.reduce((sum, { examined }) => sum + (examined.rows ?? 0), 0);
  if (options.blockSize === undefined && rows > MANY_ROWS) {
    terminal.note('one record a block, each with its own proof of work; --block-size 500 is many times faster');
  }
  const bar = await barFor(jobs, terminal);
  const results: Sealed[] = [];
  try {
    const sources = jobs.map(({ examined, name }) => ({ source: examined, name }));
    await sealDatasets(ledger, identity, sources, {
      ...sealing,
      onProgress: bar.update,
      onSealed: (result, i) => results.push({ file: jobs[i]?.file ?? '', ...result }),
    });
    return results;
  } catch (error) {
    const isInterrupted = error instanceof MedsealError && error.code === 'ABORTED';
    throw isInterrupted ? interrupted(error, jobs, results.length) : error;
  } finally {
    bar.stop();
    // Of several, also where one has failed behind the others: what is sealed is kept.
    if (jobs.length === 1) for (const result of results) terminal.say(resultText(result));
    else if (results.length > 0) terminal.say(summary(results, jobs.length));
  }
}

/** What is going to be sealed. */
function announced(jobs: readonly Job[]): string[] {
  const known = jobs.map(({ file, examined }) => `${printable(file)}: ${describe(examined)}`);
  if (known.length <= MANY_FILES) return known;
  const bytes = jobs.reduce((sum, { examined }) => sum + (examined.bytes ?? 0), 0);
  const rows = jobs.reduce((sum, { examined }) => sum + (examined.rows ?? 0), 0);
  return [`${count(jobs.length, 'file')}: ${count(rows, 'row')}, ${size(bytes)}`];
}

/** Of one file, a bar over its rows; of several, one over the bytes of all. */
async function barFor(
  jobs: readonly Job[],
  terminal: Terminal,
): Promise<{ update(progress: SealProgress, job: number): void; stop(): void }> {
  if (jobs.length === 1) {
    const bar = await terminal.progress('rows', jobs[0]?.examined.rows ?? null);
    return { update: ({ rows }) => bar.update(rows), stop: () => bar.stop() };
  }
  const bytes = jobs.map(({ examined }) => examined.bytes ?? 0);
  const until = (job: number): number => bytes.slice(0, job).reduce((sum, one) => sum + one, 0);
  const bar = await terminal.progress('bytes', until(jobs.length));
  return {
    // How large the rows are that are sealed is not counted; they are taken for equally large.
    update: ({ rows, total }, job) => bar.update(until(job) + (bytes[job] ?? 0) * (rows / Math.max(total ?? 0, 1))),
    stop: () => bar.stop(),
  };
}

function resultText({ file, already, ...result }: Sealed): string {
  const shown = `"${printable(result.name)}"`;
  if (already) return `${printable(file)} is sealed already as ${shown}: nothing to do.`;
  const { rows, sealed, resumed } = result;
  const before = resumed > 0 ? ` ${count(resumed, 'row')} had been sealed before.` : '';
  const total = rows > sealed + resumed ? ` It has ${count(rows, 'row')} now.` : '';
  return `Sealed ${count(sealed, 'row')} as ${shown}${inBlocks(result)}.${before}${total}`;
}

function summary(results: readonly Sealed[], files: number): string {
  const sealed = results.filter(({ already }) => !already);
  const rows = sealed.reduce((sum, one) => sum + one.sealed, 0);
  if (sealed.length === 0 && results.length === files)
    return `All ${count(files)} files are sealed already: nothing to do.`;
  const many =
    results.length < files ? `${count(sealed.length)} of ${count(files, 'file')}` : count(sealed.length, 'file');
  const already = results.length - sealed.length;
  const before = already === 0 ? '' : ` ${count(already)} had been sealed already.`;
  const lines = results.map((one): [string, string] => {
    const resumed = one.resumed > 0 ? `, ${count(one.resumed)} had been sealed before` : '';
    const what = one.already ? 'sealed already' : `${count(one.sealed, 'row')}${inBlocks(one)}${resumed}`;
    return [printable(one.file), `"${printable(one.name)}": ${what}`];
  });
  return `Sealed ${many}, ${count(rows, 'row')}.${before}\n${table(lines)}`;
}

function inBlocks({ blocks }: Pick<SealResult, 'blocks'>): string {
  return blocks === null ? '' : ` in blocks ${blocks.from} to ${blocks.to}`;
}

function interrupted(cause: MedsealError, jobs: readonly Job[], done: number): MedsealError {
  const far = jobs.length === 1 ? '' : ` with ${count(done)} of ${count(jobs.length, 'file')} sealed`;
  const kept = `What is sealed of "${jobs[done]?.name ?? ''}" is kept`;
  const message = `interrupted${far}. ${kept}; the same command goes on from there`;
  return new MedsealError('ABORTED', message, {}, { cause });
}
