import { transferOwnership } from '../../access/succession.js';
import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';

interface Options extends SayOptions {
  readonly withoutContent?: boolean;
}

export async function run([path = '', key = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const owner = await parsePublicKey(key);
  const content = !(options.withoutContent ?? false);
  return sayAndTell(
    path,
    options,
    context,
    (granter) => transferOwnership(granter, owner, { content }),
    (block) => ({
      text: `Handed the ledger over in block ${block}: ${owner} owns it from the next block on${content ? ', and can read all that the old owner could' : ''}. Whoever pins the owner’s public key needs the new one as soon as it has signed a block.`,
      json: { owner, content },
    }),
  );
}
