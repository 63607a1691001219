import { approve, approversOf, encodeProposal } from '../../access/proposal.js';
import { type Context, DONE, type ExitCode, REFUSED } from '../context.js';
import { writeFileWhole } from '../files.js';
import { type KeyOptions, requiredIdentity } from '../key-option.js';
import { confirm } from '../passphrase.js';
import { proposalText, readProposal } from '../proposal-text.js';
import { oneChunk } from '../saying.js';
import { count, printable } from '../terminal.js';

interface Options extends KeyOptions {
  readonly yes?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  const proposal = await readProposal(path);
  terminal.say(proposalText(proposal));
  if (!options.yes && !(await confirm('Whoever approves this signs it with their key. Approve it? (yes/no) '))) {
    terminal.warn('not approved; the file is as it was');
    return REFUSED;
  }
  const approved = await approve(proposal, await requiredIdentity(options));
  await writeFileWhole(path, oneChunk(encodeProposal(approved)), { mode: 0o644 });
  const approvers = approversOf(approved);
  terminal.say(`Approved: ${printable(path)} has ${count(approvers.length, 'approval')}.`);
  terminal.json({ file: path, ledger: approved.ledger, approvals: approvers });
  return DONE;
}
