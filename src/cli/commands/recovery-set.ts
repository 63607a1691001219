import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';
import { count } from '../terminal.js';

export async function run([path = '', ...keys]: string[], options: SayOptions, context: Context): Promise<ExitCode> {
  const public_keys = await Promise.all(keys.map(parsePublicKey));
  return sayAndTell(
    path,
    options,
    context,
    async () => [{ kind: 'recovery', public_keys }],
    (block) => ({
      text: `The ledger has ${count(public_keys.length, 'recovery key')} from the next block on (block ${block}). Every key that is sealed under after this is granted to them; "medseal grant" gives them what was sealed before.`,
      json: { recovery: public_keys },
    }),
  );
}
