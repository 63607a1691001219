import { withoutRule } from '../../access/rules.js';
import type { Rules } from '../../format/statement.js';
import type { Context, ExitCode } from '../context.js';
import { noteUnruledRules, rulesNeedApprovals } from '../rules-text.js';
import { type SayOptions, sayAndTell } from '../saying.js';

interface Options extends SayOptions {
  readonly kind: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  let after: Rules = {};
  const code = await sayAndTell(
    path,
    options,
    context,
    async ({ writer: { state } }) => {
      const statement = withoutRule(state, options.kind);
      after = statement.rules;
      return [statement];
    },
    (block) => ({
      text: `From the next block on (block ${block} says so), "${options.kind}" needs no approvals.`,
      json: { kind: options.kind, ...rulesNeedApprovals(after) },
    }),
  );
  noteUnruledRules(after, context);
  return code;
}
