import { statementsOf } from '../../access/proposal.js';
import { isStatement, say } from '../../access/say.js';
import { MedsealError } from '../../errors.js';
import { openLedger } from '../../ledger/ledger.js';
import { approvalsOf } from '../../verify/state/approvals.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { rememberedHeads, requiredIdentity } from '../key-option.js';
import { pins } from '../pins.js';
import { readProposal } from '../proposal-text.js';
import type { SayOptions } from '../saying.js';
import { count, printable } from '../terminal.js';

export async function run(
  [path = '', file = '']: string[],
  options: SayOptions,
  { terminal, signal }: Context,
): Promise<ExitCode> {
  const proposal = await readProposal(file);
  const missing = statementsOf(proposal).find((statement) => approvalsOf(statement)?.length === 0);
  if (missing !== undefined) {
    throw new MedsealError('APPROVALS_MISSING', `${file}: nobody has approved it yet; "medseal approve" does`, {
      file,
    });
  }
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const { acceptRollback = false } = options;
    // Approvers may sign this though they are no writers.
    const content = proposal.said.every(
      (each) => isStatement(each) && (each.kind === 'grant' || approvalsOf(each) !== undefined),
    );
    const writing = {
      signal,
      acceptRollback,
      content: content ? 'approved' : 'anything',
      ...(await pins(options)),
      ledger: proposal.ledger,
      ...rememberedHeads(options, identity, terminal),
    } as const;
    const block = await say(ledger, identity, writing, () => proposal.said);
    terminal.say(
      `Put ${count(statementsOf(proposal).length, 'statement')} of ${printable(file)} on the ledger in block ${block}.`,
    );
    if (statementsOf(proposal).some(({ kind }) => kind === 'erase')) {
      terminal.note(
        `"medseal certificate --block ${block}" certifies the erasure, once the owner has signed a checkpoint or a block.`,
      );
    }
    terminal.json({ file: path, proposal: file, block });
    return DONE;
  } finally {
    await ledger.close();
  }
}
