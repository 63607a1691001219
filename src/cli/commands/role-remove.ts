import { removeMember } from '../../access/roles.js';
import type { Context, ExitCode } from '../context.js';
import { REASON_IS_PUBLIC, readerOf, type SayOptions, sayAndTell } from '../saying.js';

interface Options extends SayOptions {
  readonly reason: string;
}

export async function run(
  [path = '', name = '', member = '']: string[],
  options: Options,
  context: Context,
): Promise<ExitCode> {
  context.terminal.warn(REASON_IS_PUBLIC);
  return sayAndTell(
    path,
    options,
    context,
    async (granter) => removeMember(granter, name, await readerOf(member, granter.writer.state), options.reason),
    (block) => ({
      text: `Removed a member of "${name}" in block ${block}: what is sealed from now on is closed to them. What they could read before cannot be taken back from them.`,
      json: { role: name, member },
    }),
  );
}
