import { grantGroups } from '../../access/group-keys.js';
import type { Context, ExitCode } from '../context.js';
import { choiceText, chosenGroups, type DatasetChoice } from '../dataset-choice.js';
import { proposedTerms, readerOf, type SayOptions, sayAndTell, termsOf } from '../saying.js';

interface Options extends SayOptions, DatasetChoice {
  readonly to: string;
  readonly expires?: string;
  readonly reason?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const terms = termsOf(options, context);
  return sayAndTell(
    path,
    options,
    context,
    async (granter, opened) => {
      const { keyIds } = await chosenGroups(granter, opened, options);
      const to = await readerOf(options.to, granter.writer.state);
      return grantGroups(granter, keyIds, to, { ...terms, ...proposedTerms(granter, options) });
    },
    (block) => ({
      text: `Granted ${choiceText(options)} to ${options.to} in block ${block}.`,
      json: { dataset: options.dataset, group: options.group ?? null, to: options.to, ...terms },
    }),
  );
}
