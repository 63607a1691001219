import { runBenchmarks } from '../../bench/bench.js';
import type { Watch } from '../../bench/run.js';
import { PART_NAMES } from '../../bench/suite/index.js';
import { utf8 } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { benchText } from '../bench-text.js';
import { type Context, DONE, type ExitCode, FAILED, wholeNumber } from '../context.js';
import { expectFolder, expectOtherFile, writeFileWhole } from '../files.js';
import { count, type ProgressBar, type Terminal } from '../terminal.js';
import { VERSION } from '../version.js';

interface Options {
  readonly quick?: boolean;
  readonly only?: string;
  readonly records?: string;
  readonly rounds?: string;
  readonly table?: string;
  readonly notebook?: string;
  readonly dir?: string;
  readonly output?: string;
}

/** A disk holds about two gigabytes for each million. */
const MOST_RECORDS = 100_000_000;
const MOST_ROUNDS = 1000;

export async function run(_args: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const { only, records, rounds, output, ...rest } = options;
  const sizes = records?.split(',').map((text) => wholeNumber(text, 'a number of records', 1, MOST_RECORDS));
  expectOtherFile(output);
  if (output !== undefined) expectFolder(output);
  const watch = watcher(terminal);
  const measured = await runBenchmarks(
    {
      ...rest,
      ...(only === undefined ? {} : { parts: partsOf(only) }),
      ...(sizes === undefined ? {} : { sizes }),
      ...(rounds === undefined ? {} : { rounds: wholeNumber(rounds, '--rounds', 1, MOST_ROUNDS) }),
    },
    watch,
    signal,
  ).finally(watch.stop);
  const result = { medseal: VERSION, ...measured };
  if (output !== undefined)
    await writeFileWhole(output, oneChunk(`${JSON.stringify(result, null, 2)}\n`), { mode: 0o644 });
  terminal.say(benchText(measured));
  terminal.json(result);
  return measured.figures.every(({ failure }) => failure === null) ? DONE : FAILED;
}

/** @throws {MedsealError} `USAGE` */
function partsOf(text: string): string[] {
  const parts = text.split(',');
  const unknown = parts.find((part) => !PART_NAMES.includes(part));
  if (unknown === undefined) return parts;
  throw new MedsealError(
    'USAGE',
    `there is nothing named "${unknown}" to measure; there are: ${PART_NAMES.join(', ')}`,
  );
}

function watcher(terminal: Terminal): Watch & { stop(): void } {
  let bar: ProgressBar | null = null;
  let done = 0;
  return {
    async onGroup({ name, records }, measurements) {
      bar?.stop();
      terminal.note(`measuring: ${name}${records === null ? '' : `, ${count(records, 'record')}`}`);
      bar = await terminal.progress('measurements', measurements);
      done = 0;
    },
    onStep: () => bar?.update(done++),
    stop: () => bar?.stop(),
  };
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield utf8(text);
}
