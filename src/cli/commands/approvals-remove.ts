import { withoutRule } from '../../access/rules.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';

interface Options extends SayOptions {
  readonly kind: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  return sayAndTell(
    path,
    options,
    context,
    async ({ writer: { state } }) => [withoutRule(state, options.kind)],
    (block) => ({
      text: `From the next block on (block ${block} says so), "${options.kind}" needs no approvals.`,
      json: { kind: options.kind },
    }),
  );
}
