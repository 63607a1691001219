import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';

export async function run([path = '', key = '']: string[], options: SayOptions, context: Context): Promise<ExitCode> {
  const public_key = await parsePublicKey(key);
  return sayAndTell(
    path,
    options,
    context,
    async () => [{ kind: 'writer', public_key }],
    (block) => ({
      text: `Added a writer in block ${block}: the key may seal data sets of its own from the next block on.`,
      json: { writer: public_key },
    }),
  );
}
