import { MedsealError } from '../../errors.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';

export async function run(
  [path = '', wanted = '']: string[],
  options: SayOptions,
  context: Context,
): Promise<ExitCode> {
  if (wanted !== 'on' && wanted !== 'off') throw new MedsealError('USAGE', 'recording is switched "on" or "off"');
  const on = wanted === 'on';
  return sayAndTell(
    path,
    options,
    context,
    async ({ writer: { state } }) => {
      if (state.audit !== on) return [{ kind: 'audit', on }];
      throw new MedsealError('ARGUMENT_INVALID', `reading is ${on ? 'recorded already' : 'not recorded anyway'}`);
    },
    (block) => ({
      text: on
        ? `From now on (block ${block} says so) reading is recorded: "medseal open" and the like take --purpose.`
        : `From now on (block ${block} says so) reading is not recorded any more.`,
      json: { on },
    }),
  );
}
