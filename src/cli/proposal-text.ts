import { approversOf, decodeProposal, MAX_PROPOSAL_BYTES, type Proposal, statementsOf } from '../access/proposal.js';
import { isStatement } from '../access/say.js';
import { toHex } from '../bytes.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError, withFile } from '../errors.js';
import { keyIdOf, rowOf, type SealedEntry } from '../format/entry.js';
import type {
  AmendStatement,
  EraseStatement,
  GrantStatement,
  RevokeStatement,
  RoleStatement,
  Rule,
  RuledStatement,
  Rules,
  RulesStatement,
  Statement,
} from '../format/statement.js';
import { approvalsOf } from '../verify/state/approvals.js';
import { readBounded } from './files.js';
import { counts, type ProposalAbout } from './proposal-about.js';
import { ruleChangesText } from './rules-text.js';
import { count, printable } from './terminal.js';
import { datasetText, groupsText, namedRowsText } from './trail-text.js';

/** @throws {MedsealError} `FILE_UNREADABLE`, `PROPOSAL_INVALID` */
export async function readProposal(path: string): Promise<Proposal> {
  try {
    return await decodeProposal(readBounded(path, MAX_PROPOSAL_BYTES));
  } catch (error) {
    if (!(error instanceof MedsealError) || error.code !== 'PROPOSAL_INVALID') throw error;
    throw withFile(error, path);
  }
}

/** A proposal in plain words: what an approver signs. @param about what the ledger tells of it, where it is at hand */
export function proposalText(proposal: Proposal, about: ProposalAbout | null = null): string {
  const statements = statementsOf(proposal);
  const ruled = statements.find((statement) => approvalsOf(statement) !== undefined) as RuledStatement;
  const roles = new Map(statements.flatMap((each) => (each.kind === 'role' ? [rolePair(each as RoleStatement)] : [])));
  const said = proposal.said.flatMap((each) => {
    const words = isStatement(each) ? inWords(each, { roles, about }) : recordInWords(each);
    return [`  - ${printable(words)}`, ...(isStatement(each) ? changesInWords(each, about) : [])];
  });
  const approvers = approversOf(proposal);
  return [
    `Proposed for the ledger ${proposal.ledger}, until ${ruled.until}:`,
    ...said,
    ...(about === null ? [] : about.rules.map((rule) => ruleInWords(rule, about))),
    `Approved so far by ${approvers.length === 0 ? 'nobody' : count(approvers.length, 'key')}.`,
    ...approvers.map((key) => `    ${approverInWords(key, about)}`),
  ].join('\n');
}

function rolePair({ public_key, name }: RoleStatement): [string, string] {
  return [public_key, name];
}

/** What a statement makes of the rules, where the ledger tells which there are. */
function changesInWords(statement: Statement, about: ProposalAbout | null): string[] {
  const changes = about?.ruleChanges.get(statement);
  if (about === null || changes === undefined) return [];
  return ruleChangesText(changes, about.names).map((line) => `      ${line}`);
}

function ruleInWords({ threshold, from }: Rule, { names }: ProposalAbout): string {
  const who = from.map((key) => printable(names.get(key) ?? key.slice(0, 12)));
  return `It needs ${threshold} of ${from.length} approvals: ${who.join(', ')}.`;
}

function approverInWords(key: PublicKey, about: ProposalAbout | null): string {
  if (about === null) return key;
  const name = printable(about.names.get(key) ?? '');
  return `${key}  ${counts(about, key) ? name : 'does not count: no rule for this names it'}`.trimEnd();
}

function recordInWords({ bytes }: SealedEntry): string {
  return `a record is sealed as row ${rowOf(bytes)}; nobody but the holders of its data key ${toHex(keyIdOf(bytes))} knows what it says`;
}

/** What helps to call things by their names. */
interface Known {
  /** Roles that the proposal itself gives key pairs, by these. */
  readonly roles: ReadonlyMap<string, string>;
  readonly about: ProposalAbout | null;
}

function inWords(statement: Statement, known: Known): string {
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
      return known.about === null
        ? `the rules become: ${rulesInWords((statement as RulesStatement).rules)}; which rules that takes away or changes, only the ledger tells`
        : 'the rules change from the next block on:';
    case 'grant':
      return grantInWords(statement as GrantStatement, known);
    case 'revoke': {
      const { from, reason } = statement as RevokeStatement;
      return `${readerInWords(statement as RevokeStatement, from, known)} is closed out from what is sealed later under ${keyInWords(statement as RevokeStatement, known)} (reason: ${reason})`;
    }
    case 'erase': {
      const { entries, reason, basis } = statement as EraseStatement;
      return `${count(entries.length, 'record')} are destroyed for good, in every place where the ledger is kept (reason: ${reason}; basis: ${basis}): ${recordsInWords(statement as EraseStatement, known)}`;
    }
    case 'amend': {
      const { id, row, by, reason } = statement as AmendStatement;
      return `row ${row} of the ${datasetText(id, known.about?.datasets ?? [], id)} is corrected: row ${by} takes its place (reason: ${reason})`;
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

/** The rows of an erasure where the ledger is at hand; otherwise their places in it: the number of the block, and of the entry. */
function recordsInWords(statement: EraseStatement, { about }: Known): string {
  const told = about?.statements.get(statement);
  if (about === null || told === undefined) {
    return `blocks and entries ${JSON.stringify(statement.entries).slice(0, MOST_PLACES)}`;
  }
  const records = told.records.map((named) => namedRowsText(named, about.datasets, named.dataset));
  const unknown = `${count(told.unknown, 'record')} that this copy of the ledger does not hold`;
  return [...records, ...(told.unknown === 0 ? [] : [unknown])].join('; ');
}

const MOST_PLACES = 400;

function grantInWords(statement: GrantStatement, known: Known): string {
  const { to, expires, reason } = statement;
  const until = expires === undefined ? '' : `, until ${expires}`;
  const why = reason === undefined ? '' : ` (reason: ${reason})`;
  return `${readerInWords(statement, to, known)} is given ${keyInWords(statement, known)}${until}${why}`;
}

/** A person's key, or a role by its name where that is known. */
function readerInWords(statement: Statement, reader: string, { roles, about }: Known): string {
  const role = about?.statements.get(statement)?.readerRole ?? roles.get(reader) ?? null;
  return role === null ? reader : `the role "${role}" (${reader})`;
}

function keyInWords(statement: GrantStatement | RevokeStatement, { roles, about }: Known): string {
  const { key_id, role_key } = statement;
  const told = about?.statements.get(statement);
  const role = told?.role ?? roles.get(role_key ?? '') ?? null;
  if (role_key !== undefined)
    return role === null ? `the role key ${role_key}` : `the key of the role "${role}" (${role_key})`;
  if (about === null || told == null || told.dataset === null) return `the data key ${key_id}`;
  const group = told.group === null ? '' : `, ${groupsText(told.dataset, [told.group], about.datasets)}`;
  return `the data key ${key_id}: ${datasetText(told.dataset, about.datasets, told.dataset)}${group}`;
}

function rulesInWords(rules: Rules): string {
  const texts = Object.entries(rules).map(
    ([kind, { threshold, from }]) => `"${kind}" needs ${threshold} of ${from.join(', ')}`,
  );
  return texts.length === 0 ? 'none, nothing needs approvals' : texts.join('; ');
}
