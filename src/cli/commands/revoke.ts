import { revokeGroups } from '../../access/group-keys.js';
import type { Context, ExitCode } from '../context.js';
import { choiceText, chosenGroups, type DatasetChoice } from '../dataset-choice.js';
import { keysOf, REASON_IS_PUBLIC, type SayOptions, sayAndTell } from '../saying.js';

interface Options extends SayOptions, DatasetChoice {
  readonly from: string;
  readonly reason: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  context.terminal.warn(REASON_IS_PUBLIC);
  return sayAndTell(
    path,
    options,
    context,
    async (granter, opened) => {
      const { keyIds } = await chosenGroups(granter, opened, options);
      const from = await keysOf(options.from, granter.writer.state);
      return revokeGroups(granter, keyIds, from, options.reason);
    },
    (block) => ({
      text: `Revoked ${choiceText(options)} from ${options.from} in block ${block}: what is sealed from now on is closed to them. What they could read before cannot be taken back from them.`,
      json: { dataset: options.dataset, group: options.group ?? null, from: options.from },
    }),
  );
}
