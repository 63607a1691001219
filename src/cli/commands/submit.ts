import { contentOf, type Proposal, statementsOf, withCounted } from '../../access/proposal.js';
import { HOW_TO_APPROVE, isStatement, type Said, say } from '../../access/say.js';
import { grantsTo, keysHeldWith } from '../../access/succession.js';
import { MedsealError } from '../../errors.js';
import type { OwnerStatement, RecoveryStatement } from '../../format/statement.js';
import { openLedger } from '../../ledger/ledger.js';
import { approvalsOf } from '../../verify/state/approvals.js';
import type { LedgerState } from '../../verify/state.js';
import { completing } from '../completed.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { rememberedHeads, requiredIdentity } from '../key-option.js';
import { pins } from '../pins.js';
import { readProposal } from '../proposal-text.js';
import type { SayOptions } from '../saying.js';
import { handedOverText, recoveryText } from '../succession-text.js';
import { count, printable } from '../terminal.js';

export async function run([path = '', file = '']: string[], options: SayOptions, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  const proposal = await readProposal(file);
  expectSomeApproval(proposal, file);
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const { acceptRollback = false } = options;
    const { onCompleted, tell: tellCompleted } = completing(ledger, terminal);
    const writing = {
      signal,
      acceptRollback,
      content: contentOf(proposal.said),
      onCompleted,
      ...(await pins(options)),
      ledger: proposal.ledger,
      ...rememberedHeads(options, identity, terminal),
    } as const;
    let submitted: Submitted = { said: [], foreign: [], roles: 0, content: false };
    const block = await say(ledger, identity, writing, async ({ writer: { state } }) => {
      await tellCompleted();
      submitted = counted(proposal, state);
      return submitted.said;
    });
    for (const key of submitted.foreign) {
      terminal.warn(`the approval of ${key} does not count and was left out: no rule for this names that key`);
    }
    tell(proposal, block ?? 0, submitted, file, context);
    terminal.json({ file: path, proposal: file, block, notCounted: submitted.foreign });
    return DONE;
  } finally {
    await ledger.close();
  }
}

interface Submitted {
  readonly said: readonly Said[];
  /** Whose approvals do not count. */
  readonly foreign: readonly string[];
  /** How many roles there were before. */
  readonly roles: number;
  /** Whether a new owner is granted what the old one held and they did not. */
  readonly content: boolean;
}

/** @throws {MedsealError} `APPROVALS_MISSING` */
function expectSomeApproval(proposal: Proposal, file: string): void {
  if (statementsOf(proposal).every((statement) => approvalsOf(statement)?.length !== 0)) return;
  throw new MedsealError('APPROVALS_MISSING', `${file}: nobody has approved it yet; "medseal approve" does`, { file });
}

/** @throws {MedsealError} `APPROVAL_INVALID` where approvals count for nothing, and the others are too few */
function counted(proposal: Proposal, state: LedgerState): Submitted {
  const { said, foreign, isEnough } = withCounted(proposal, state);
  const change = { roles: state.roles.size, content: givesContent(said, state) };
  // Too few of those who count are told by the writer, and how many it takes.
  if (foreign.length === 0 || isEnough) return { said, foreign, ...change };
  const message = `no rule of the ledger for this names ${foreign.join(', ')}, so that their approvals do not count, and the others are too few; ${HOW_TO_APPROVE}`;
  throw new MedsealError('APPROVAL_INVALID', message);
}

/** Whether a new owner, by what they are granted here, holds every key that the owner holds. */
function givesContent(said: readonly Said[], state: LedgerState): boolean {
  const statements = said.filter(isStatement);
  const successor = statements.find(({ kind }) => kind === 'owner') as OwnerStatement | undefined;
  if (successor === undefined || state.owner === null) return false;
  const { public_key: to } = successor;
  const held = keysHeldWith(state, statements, to);
  const isHeld = [...keysHeldWith(state, [], state.owner)].every((key) => held.has(key));
  return isHeld && grantsTo(statements, to).length > 0;
}

function tell(
  proposal: Proposal,
  block: number,
  { roles, content }: Submitted,
  file: string,
  { terminal }: Context,
): void {
  const statements = statementsOf(proposal);
  terminal.say(`Put ${count(statements.length, 'statement')} of ${printable(file)} on the ledger in block ${block}.`);
  for (const statement of statements) {
    if (statement.kind === 'owner') {
      const { public_key: owner } = statement as OwnerStatement;
      terminal.say(handedOverText(block, owner, { content, roles }));
    }
    if (statement.kind === 'recovery') {
      terminal.say(recoveryText(block, (statement as RecoveryStatement).public_keys, { roles }));
    }
  }
  if (statements.some(({ kind }) => kind === 'erase')) {
    terminal.note(
      `"medseal certificate --block ${block}" certifies the erasure, once the owner has signed a checkpoint or a block.`,
    );
  }
}
