import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';
import { recoveryText } from '../succession-text.js';

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
      text: recoveryText(block, public_keys, { roles }),
      json: { recovery: public_keys },
    }),
  );
}
