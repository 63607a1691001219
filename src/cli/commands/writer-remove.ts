import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';

export async function run([path = '', key = '']: string[], options: SayOptions, context: Context): Promise<ExitCode> {
  const public_key = await parsePublicKey(key);
  return sayAndTell(
    path,
    options,
    context,
    async () => [{ kind: 'writer-removed', public_key }],
    (block) => ({
      text: `Removed a writer in block ${block}: the key signs no more blocks. What was granted to it stays granted; "medseal revoke" ends that.`,
      json: { writer: public_key },
    }),
  );
}
