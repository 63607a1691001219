import { namesStatement } from '../../access/approver-names.js';
import { withRule } from '../../access/rules.js';
import type { PublicKey } from '../../crypto/secp256k1.js';
import { MedsealError } from '../../errors.js';
import type { Rules } from '../../format/statement.js';
import { parsePublicKey } from '../../keys/public-key.js';
import { type Context, type ExitCode, wholeNumber } from '../context.js';
import { noteUnruledRules, rulesNeedApprovals } from '../rules-text.js';
import { type SayOptions, sayAndTell } from '../saying.js';

interface Options extends SayOptions {
  readonly kind: string;
  readonly threshold: string;
  readonly from: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const threshold = wholeNumber(options.threshold, '--threshold', 1);
  const approvers = await Promise.all(options.from.split(',').map(approver));
  const from = approvers.map(({ key }) => key);
  const names = new Map(approvers.flatMap(({ key, name }) => (name === '' ? [] : [[key, name] as const])));
  // Approvers who submit a proposal may say nothing else with it.
  const naming = names.size === 0 || options.propose ? [] : [namesStatement(names)];
  let after: Rules = {};
  const code = await sayAndTell(
    path,
    options,
    context,
    async ({ writer: { state } }) => {
      const statement = withRule(state, options.kind, threshold, from);
      after = statement.rules;
      return [statement, ...naming];
    },
    (block) => ({
      text: `From the next block on (block ${block} says so), "${options.kind}" needs ${threshold} of ${from.length} approvals.`,
      json: { kind: options.kind, threshold, from, names: Object.fromEntries(names), ...rulesNeedApprovals(after) },
    }),
    () => rulesNeedApprovals(after),
  );
  noteUnruledRules(after, context);
  return code;
}

/** `NAME=PUBLICKEY`, or a key alone, which may be base64 and end with `=` itself. */
async function approver(text: string): Promise<{ key: PublicKey; name: string }> {
  const [, name = '', key = text] = /^([^=]+)=([^=].*)$/.exec(text) ?? [];
  if (key.trim() === '') throw new MedsealError('USAGE', '--from takes NAME=PUBLICKEY,NAME=PUBLICKEY…');
  return { key: await parsePublicKey(key.trim()), name: name.trim() };
}
