import { approversOf, decodeProposal, MAX_PROPOSAL_BYTES, type Proposal, statementsOf } from '../access/proposal.js';
import { isStatement } from '../access/say.js';
import { toHex } from '../bytes.js';
import { MedsealError, withFile } from '../errors.js';
import { keyIdOf, rowOf, type SealedEntry } from '../format/entry.js';
import type {
  AmendStatement,
  GrantStatement,
  RevokeStatement,
  RuledStatement,
  Rules,
  RulesStatement,
  Statement,
} from '../format/statement.js';
import { approvalsOf } from '../verify/state/approvals.js';
import { readBounded } from './files.js';
import { count, printable } from './terminal.js';

/** @throws {MedsealError} `FILE_UNREADABLE`, `PROPOSAL_INVALID` */
export async function readProposal(path: string): Promise<Proposal> {
  try {
    return await decodeProposal(readBounded(path, MAX_PROPOSAL_BYTES));
  } catch (error) {
    if (!(error instanceof MedsealError) || error.code !== 'PROPOSAL_INVALID') throw error;
    throw withFile(error, path);
  }
}

/** A proposal in plain words: what an approver signs. */
export function proposalText(proposal: Proposal): string {
  const ruled = statementsOf(proposal).find((statement) => approvalsOf(statement) !== undefined) as RuledStatement;
  const approvers = approversOf(proposal);
  return [
    `Proposed for the ledger ${proposal.ledger}, until ${ruled.until}:`,
    ...proposal.said.map((each) => `  - ${printable(isStatement(each) ? inWords(each) : recordInWords(each))}`),
    `Approved so far by ${approvers.length === 0 ? 'nobody' : count(approvers.length, 'key')}.`,
    ...approvers.map((key) => `    ${key}`),
  ].join('\n');
}

function recordInWords({ bytes }: SealedEntry): string {
  return `a record is sealed as row ${rowOf(bytes)}; nobody but the holders of its data key ${toHex(keyIdOf(bytes))} knows what it says`;
}

function inWords(statement: Statement): string {
  switch (statement.kind) {
    case 'owner':
      return `the ledger is handed over to the key ${statement.public_key}, which owns it from then on`;
    case 'recovery': {
      const { public_keys: keys } = statement;
      return keys.length === 0
        ? 'the ledger has no recovery keys any more'
        : `the recovery keys become ${keys.join(', ')}`;
    }
    case 'writer':
      return `the key ${statement.public_key} may seal data sets of its own`;
    case 'writer-removed':
      return `the key ${statement.public_key} may seal nothing more`;
    case 'role':
      return `the role "${statement.name}" gets the key pair ${statement.public_key}`;
    case 'rules':
      return `the rules become: ${rulesInWords((statement as RulesStatement).rules)}`;
    case 'grant':
      return grantInWords(statement as GrantStatement);
    case 'revoke': {
      const { key_id, role_key, from, reason } = statement as RevokeStatement;
      return `${from} is closed out from what is sealed later under the key ${key_id ?? role_key} (reason: ${reason})`;
    }
    case 'erase': {
      const { entries, reason, basis } = statement as { entries: readonly unknown[]; reason: string; basis: string };
      return `${count(entries.length, 'record')} are destroyed for good, in every place where the ledger is kept (reason: ${reason}; basis: ${basis}): ${JSON.stringify(entries).slice(0, 400)}`;
    }
    case 'amend': {
      const { id, row, by, reason } = statement as AmendStatement;
      return `row ${row} of the data set ${id} is corrected: row ${by} takes its place (reason: ${reason})`;
    }
    case 'dataset-end':
      return `the data set ${statement.id} is complete with row ${statement.rows}`;
    case 'audit':
      return statement.on ? 'reading is recorded from then on' : 'reading is not recorded any more';
    default: {
      const { approvals, proposal, ledger, until, ...rest } = statement as RuledStatement;
      return JSON.stringify(rest);
    }
  }
}

function grantInWords({ key_id, role_key, to, expires, reason }: GrantStatement): string {
  const what = key_id === undefined ? `the role key ${role_key}` : `the data key ${key_id}`;
  const until = expires === undefined ? '' : `, until ${expires}`;
  return `${to} is given ${what}${until}${reason === undefined ? '' : ` (reason: ${reason})`}`;
}

function rulesInWords(rules: Rules): string {
  const texts = Object.entries(rules).map(
    ([kind, { threshold, from }]) => `"${kind}" needs ${threshold} of ${from.join(', ')}`,
  );
  return texts.length === 0 ? 'none, nothing needs approvals' : texts.join('; ');
}
