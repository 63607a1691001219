import { amendment } from '../../dataset/amend.js';
import { newestOf, versionsOf } from '../../dataset/amendments.js';
import { chooseDataset } from '../../dataset/choose-dataset.js';
import type { Correction } from '../../dataset/correction.js';
import { type DatasetInfo, listDatasets } from '../../dataset/directory.js';
import { MedsealError } from '../../errors.js';
import { MAX_CONTENT_BYTES } from '../../format/limits.js';
import { type Context, type ExitCode, wholeNumber } from '../context.js';
import { readInput } from '../files.js';
import { REASON_IS_PUBLIC, type SayOptions, sayAndTell } from '../saying.js';
import { printable } from '../terminal.js';

interface Options extends SayOptions {
  readonly dataset?: string;
  readonly row: string;
  readonly from?: string;
  readonly set?: readonly string[];
  readonly reason: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { reason } = options;
  const row = wholeNumber(options.row, '--row', 1);
  const correction = await correctionOf(options, context);
  context.terminal.warn(REASON_IS_PUBLIC);
  let info: DatasetInfo | null = null;
  return sayAndTell(
    path,
    options,
    context,
    async (granter, { ledger, identity }) => {
      info = chooseDataset(await listDatasets(ledger, identity), options.dataset);
      return amendment(ledger, granter, info, { row, correction, reason });
    },
    (block) => {
      const { id, name, rows, amendments } = info as unknown as DatasetInfo;
      const version = versionsOf(amendments, row).length + 1;
      return {
        text: `Corrected row ${row} of "${printable(name ?? id)}" in block ${block}: its version ${version} takes the place of the one before, which is kept.`,
        json: { dataset: { id, name }, row, version, by: rows + 1, replaces: newestOf(amendments, row) },
      };
    },
  );
}

/** @throws {MedsealError} `USAGE`; `FILE_UNREADABLE` */
async function correctionOf({ from, set = [] }: Options, { terminal }: Context): Promise<Correction> {
  if ((from === undefined) === (set.length === 0)) {
    const message = 'give the corrected record with --from FILE ("-" for standard input), or values with --set';
    throw new MedsealError('USAGE', message);
  }
  // A record of this size would be refused with its own words.
  if (from !== undefined) return { record: await readInput(from, MAX_CONTENT_BYTES + 3) };
  terminal.warn(
    'what stands in a command line can be seen by others on this machine, and is kept by the shell; --from FILE is not',
  );
  return { values: new Map(set.map(columnAndValue)) };
}

function columnAndValue(text: string): [column: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new MedsealError('USAGE', '--set takes COLUMN=VALUE');
  return [text.slice(0, at), text.slice(at + 1)];
}
