import { transferOwnership } from '../../access/succession.js';
import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { ROLES_OUT_OF_USE, type SayOptions, sayAndTell } from '../saying.js';

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
    (granter) => {
      roles = granter.writer.state.roles.size;
      return transferOwnership(granter, owner, { content });
    },
    (block) => ({
      text: `Handed the ledger over in block ${block}: ${owner} owns it from the next block on${content ? ', and can read all that the old owner could' : ''}. Whoever pins the owner’s public key needs the new one as soon as it has signed a block.${roles > 0 ? ROLES_OUT_OF_USE : ''}`,
      json: { owner, content },
    }),
  );
}
