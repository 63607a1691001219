import { transferOwnership } from '../../access/succession.js';
import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';
import { handedOverText, tellOfSuccessor } from '../succession-text.js';

interface Options extends SayOptions {
  readonly withoutContent?: boolean;
}

export async function run([path = '', key = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const owner = await parsePublicKey(key);
  const content = !(options.withoutContent ?? false);
  let roles = 0;
  return sayAndTell(
    path,
    options,
    context,
    async (granter) => {
      const { state } = granter.writer;
      roles = state.roles.size;
      const statements = await transferOwnership(granter, owner, { content });
      if (options.propose) tellOfSuccessor(state, owner, statements, context.terminal);
      return statements;
    },
    (block) => ({
      text: handedOverText(block, owner, { content, roles }),
      json: { owner, content },
    }),
  );
}
