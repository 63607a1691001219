import { createRole } from '../../access/roles.js';
import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';
import { count } from '../terminal.js';

export async function run(
  [path = '', name = '', ...keys]: string[],
  options: SayOptions,
  context: Context,
): Promise<ExitCode> {
  const members = await Promise.all(keys.map(parsePublicKey));
  return sayAndTell(
    path,
    options,
    context,
    (granter) => createRole(granter, name, members),
    (block) => ({
      text: `Created the role "${name}" with ${count(members.length, 'member')} in block ${block}.`,
      json: { role: name, members },
    }),
  );
}
