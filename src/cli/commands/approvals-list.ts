import { approverNames } from '../../access/approver-names.js';
import { openLedger } from '../../ledger/ledger.js';
import { verifiedState } from '../../ledger/verified-state.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { type PinOptions, pins } from '../pins.js';
import { noteUnruledRules, rulesNeedApprovals } from '../rules-text.js';
import { bold, printable } from '../terminal.js';

export async function run([path = '']: string[], options: PinOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const pinned = await pins(options);
  const ledger = await openLedger(path);
  try {
    const { state } = await verifiedState(ledger, pinned);
    const names = await approverNames(ledger, state);
    const rules = Object.entries(state.rules);
    for (const [kind, { threshold, from }] of rules) {
      const title = bold(`${kind}: ${threshold} of ${from.length}`);
      terminal.say(
        [title, ...from.map((key) => `    ${key}  ${printable(names.get(key) ?? '')}`.trimEnd())].join('\n'),
      );
    }
    if (rules.length === 0) terminal.say('Nothing needs approvals: whoever may sign says it alone.');
    else noteUnruledRules(state.rules, context);
    terminal.json({
      file: path,
      rules: state.rules,
      ...rulesNeedApprovals(state.rules),
      names: Object.fromEntries(names),
    });
  } finally {
    await ledger.close();
  }
  return DONE;
}
