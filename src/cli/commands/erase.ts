import { eraseStatements } from '../../access/erasure.js';
import type { Context, ExitCode } from '../context.js';
import { chosenGroups, type DatasetChoice } from '../dataset-choice.js';
import { rowRange } from '../row-range.js';
import { REASON_IS_PUBLIC, type SayOptions, sayAndTell } from '../saying.js';
import { count } from '../terminal.js';

interface Options extends SayOptions, DatasetChoice {
  readonly rows?: string;
  readonly reason: string;
  readonly basis: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const rows = rowRange(options.rows);
  const { dataset, reason, basis } = options;
  context.terminal.warn(REASON_IS_PUBLIC);
  let erased = 0;
  return sayAndTell(
    path,
    options,
    context,
    async (granter, opened) => {
      const { state } = granter.writer;
      const { id, groups } = await chosenGroups(granter, opened, options);
      const keyIds = groups.flatMap((group) => group.keyIds);
      const request = { keyIds, reason, basis, ...(rows === undefined ? {} : { rows }) };
      const statements = await eraseStatements(opened.ledger, state, id, request);
      erased = statements.reduce((total, { entries }) => total + entries.length, 0);
      return statements;
    },
    (block) => ({
      text:
        block === 0
          ? 'All of this has been erased before: nothing to do.'
          : `Erased ${count(erased, 'record')} of "${dataset}": block ${block} says so, and their content and salts are destroyed in this file. Exports, backups and other copies keep what they have.`,
      json: { dataset, group: options.group ?? null, erased },
    }),
  );
}
