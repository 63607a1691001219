import { approve, approversOf, encodeProposal, type Proposal, statementsOf } from '../../access/proposal.js';
import type { RuleChange } from '../../access/rule-changes.js';
import { type Context, DONE, type ExitCode, REFUSED } from '../context.js';
import { writeFileWhole } from '../files.js';
import { type KeyOptions, requiredIdentity } from '../key-option.js';
import { confirm } from '../passphrase.js';
import { aboutProposal, counts, type ProposalAbout } from '../proposal-about.js';
import { proposalText, readProposal } from '../proposal-text.js';
import { oneChunk } from '../saying.js';
import { count, printable } from '../terminal.js';

interface Options extends KeyOptions {
  readonly yes?: boolean;
}

export async function run([path = '', ledger]: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  const proposal = await readProposal(path);
  // Names of data sets are sealed: with the ledger the key is wanted before anything is shown.
  const known = ledger === undefined ? null : await requiredIdentity(options);
  const about = ledger === undefined || known === null ? null : await aboutProposal(ledger, proposal, known);
  terminal.say(proposalText(proposal, about));
  const changesRules = statementsOf(proposal).some(({ kind }) => kind === 'rules');
  if (about === null) terminal.note(changesRules ? WITH_RULES : WITH_LEDGER);
  else if (known !== null && !counts(about, known.publicKey)) terminal.warn(COUNTS_FOR_NOTHING);
  if (!options.yes && !(await confirm('Whoever approves this signs it with their key. Approve it? (yes/no) '))) {
    terminal.warn('not approved; the file is as it was');
    return REFUSED;
  }
  const approved = await approve(proposal, known ?? (await requiredIdentity(options)));
  await writeFileWhole(path, oneChunk(encodeProposal(approved)), { mode: 0o644 });
  const approvers = approversOf(approved);
  terminal.say(`Approved: ${printable(path)} has ${count(approvers.length, 'approval')}.`);
  const isCounted = about === null || known === null ? {} : { counts: counts(about, known.publicKey) };
  terminal.json({
    file: path,
    ledger: approved.ledger,
    approvals: approvers,
    ...isCounted,
    ...changesOf(proposal, about),
  });
  return DONE;
}

/** What becomes of the rules, where the proposal changes them; null where that cannot be told without the ledger. */
function changesOf(proposal: Proposal, about: ProposalAbout | null): { ruleChanges?: readonly RuleChange[] | null } {
  const last = statementsOf(proposal).findLast(({ kind }) => kind === 'rules');
  return last === undefined ? {} : { ruleChanges: about?.ruleChanges.get(last) ?? null };
}

const WITH_LEDGER =
  'With the ledger, "medseal approve FILE LEDGER" says which data sets, rows and roles these are, and whose approvals count.';
const WITH_RULES =
  'With the ledger, "medseal approve FILE LEDGER" says which rules this takes away or changes, who loses what by it, and whose approvals count.';
const COUNTS_FOR_NOTHING =
  'no rule of the ledger for this names your key: your approval will count for nothing, unless the rules change';
