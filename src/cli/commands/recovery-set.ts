import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { ROLES_OUT_OF_USE, type SayOptions, sayAndTell } from '../saying.js';
import { count } from '../terminal.js';

export async function run([path = '', ...keys]: string[], options: SayOptions, context: Context): Promise<ExitCode> {
  const public_keys = await Promise.all(keys.map(parsePublicKey));
  let roles = 0;
  return sayAndTell(
    path,
    options,
    context,
    async ({ writer: { state } }) => {
      roles = state.roles.size;
      return [{ kind: 'recovery', public_keys }];
    },
    (block) => ({
      text: `The ledger has ${count(public_keys.length, 'recovery key')} from the next block on (block ${block}). Every key that is sealed under after this is granted to them; "medseal grant" gives them what was sealed before.${roles > 0 ? ROLES_OUT_OF_USE : ''}`,
      json: { recovery: public_keys },
    }),
  );
}
