import { addMember } from '../../access/roles.js';
import type { Context, ExitCode } from '../context.js';
import { proposedTerms, readerOf, type SayOptions, sayAndTell, termsOf } from '../saying.js';

interface Options extends SayOptions {
  readonly expires?: string;
  readonly reason?: string;
}

export async function run(
  [path = '', name = '', member = '']: string[],
  options: Options,
  context: Context,
): Promise<ExitCode> {
  const terms = termsOf(options, context);
  return sayAndTell(
    path,
    options,
    context,
    async (granter) =>
      addMember(granter, name, await readerOf(member, granter.writer.state), {
        ...terms,
        ...proposedTerms(granter, options),
      }),
    (block) => ({ text: `Added a member to "${name}" in block ${block}.`, json: { role: name, member } }),
  );
}
