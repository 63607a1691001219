import { withRule } from '../../access/rules.js';
import { MedsealError } from '../../errors.js';
import { parsePublicKey } from '../../keys/public-key.js';
import { type Context, type ExitCode, wholeNumber } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';

interface Options extends SayOptions {
  readonly kind: string;
  readonly threshold: string;
  readonly from: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const threshold = wholeNumber(options.threshold, '--threshold', 1);
  // Names are for whoever types them: the ledger knows keys.
  const keys = options.from.split(',').map((text) => text.slice(text.indexOf('=') + 1).trim());
  if (keys.includes('')) throw new MedsealError('USAGE', '--from takes NAME=PUBLICKEY,NAME=PUBLICKEY…');
  const from = await Promise.all(keys.map(parsePublicKey));
  return sayAndTell(
    path,
    options,
    context,
    async ({ writer: { state } }) => [withRule(state, options.kind, threshold, from)],
    (block) => ({
      text: `From the next block on (block ${block} says so), "${options.kind}" needs ${threshold} of ${from.length} approvals.`,
      json: { kind: options.kind, threshold, from },
    }),
  );
}
