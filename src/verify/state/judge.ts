import type { Curve } from '../../crypto/secp256k1.js';
import type { RuledStatement, Statement } from '../../format/statement.js';
import type { Fault, InspectedEntry } from '../inspect.js';
import { approvalsOf, changeRules, judgeApprovals, rulesFor, TOO_FEW } from './approvals.js';
import { begin, changeOwner, changeRecovery, changeWriter, maySay, succeed } from './authority.js';
import type { LedgerData } from './data.js';
import { amend, beginDataset, changeKeys, endDataset, rowsAreWhole, takeRecord } from './datasets.js';
import { type BlockPlace, Draft, type Finding, finding } from './draft.js';
import { Due, grant, nameRole, revoke, sweep } from './keys.js';
import { indexBlock } from './record-index.js';
import { changeAudit, changeLogKey, erase, noteAccess } from './trail.js';

/**
 * Applies a block that is good so far: its entries in their order, then what the block as a whole must see to. Where
 * what it says breaks a rule, says which, and nothing is changed.
 */
export function applyBlock(
  data: LedgerData,
  curve: Curve,
  place: BlockPlace,
  entries: readonly InspectedEntry[],
): Fault | null {
  const draft = new Draft(data, curve, place, entries);
  const fault = judgeEntries(draft) ?? judgeWhole(draft);
  if (fault === null) commit(draft);
  else draft.journal.rollback();
  return fault;
}

function judgeEntries(draft: Draft): Fault | null {
  const { entries } = draft;
  for (let position = 0; position < entries.length; position++) {
    draft.position = position;
    const fault = judgeEntry(draft, entries[position] as InspectedEntry);
    if (fault !== null) return { entry: position, ...fault };
  }
  return null;
}

function judgeEntry(draft: Draft, entry: InspectedEntry): Finding {
  if (draft.place.index === 1) {
    const fault = judgeGenesis(draft.position, entry);
    if (fault !== null) return fault;
  }
  if (entry.kind === 'sealed') return takeRecord(draft, entry.keyId, entry.row);
  return judgeStatement(draft, entry.statement, entry.signed);
}

function judgeGenesis(position: number, entry: InspectedEntry): Finding {
  const first = entry.kind === 'statement' && entry.statement.kind === 'ledger';
  if (first !== (position === 0)) {
    return finding('GENESIS_INVALID', 'the genesis block does not begin with its only "ledger" statement');
  }
  if (entry.kind === 'sealed' || entry.statement.kind === 'dataset') {
    return finding('GENESIS_INVALID', 'the genesis block holds records');
  }
  return null;
}

/** Who says it, who has approved it, and what it says. */
function judgeStatement(draft: Draft, statement: Statement, signed: boolean): Finding {
  draft.statements++;
  if (!maySay(draft, statement)) {
    return finding('STATEMENT_UNAUTHORISED', 'the signer may not make a statement of this kind');
  }
  const approvals = approvalsOf(statement);
  if (approvals !== undefined) {
    const fault = judgeApprovals(draft, statement as RuledStatement, approvals, signed);
    return fault ?? take(draft, statement, signed);
  }
  const ruled = rulesFor(draft.data, statement).length > 0 && !draft.lenient;
  if (statement.kind === 'grant') return grant(draft, statement, ruled);
  return ruled ? TOO_FEW : take(draft, statement, signed);
}

function take(draft: Draft, statement: Statement, signed: boolean): Finding {
  switch (statement.kind) {
    case 'ledger':
      return begin(draft, statement);
    case 'dataset':
      return beginDataset(draft, statement);
    case 'dataset-keys':
      return changeKeys(draft, statement);
    case 'dataset-end':
      return endDataset(draft, statement);
    case 'amend':
      return amend(draft, statement);
    case 'grant':
      return grant(draft, statement, false);
    case 'role':
      return nameRole(draft, statement);
    case 'revoke':
      return revoke(draft, statement);
    case 'writer':
    case 'writer-removed':
      return changeWriter(draft, statement);
    case 'owner':
      return changeOwner(draft, statement);
    case 'recovery':
      return changeRecovery(draft, statement);
    case 'rules':
      return changeRules(draft, statement);
    case 'erase':
      return erase(draft, statement);
    case 'access':
      return noteAccess(draft, statement, signed);
    case 'audit':
      return changeAudit(draft, statement);
    case 'log-key':
      return changeLogKey(draft, statement);
    default:
      // info-…: whoever may say it, it changes nothing.
      return null;
  }
}

/** What a block as a whole must see to. */
function judgeWhole(draft: Draft): Fault | null {
  if (!rowsAreWhole(draft)) {
    return { entry: null, code: 'ROW_INCOMPLETE', message: "a row's groups are not all in this block" };
  }
  const taken = roleOfSuccessor(draft);
  if (taken !== null) return taken;
  // Who holds a key, and what needs whose approval, may have been said in a block that is lost.
  if (draft.lenient || (draft.named.length === 0 && draft.unapproved.length === 0 && draft.revoked.length === 0)) {
    return draft.revoked.length === 0 ? null : sweep(draft);
  }
  const due = new Due(draft);
  return due.missing() ?? unapproved(draft, due) ?? sweep(draft);
}

/** A role whose key is that of the next owner or of a recovery key to come: what a block says of these counts at its end. */
function roleOfSuccessor({ data, named, nextOwner, nextRecovery }: Draft): Fault | null {
  const successors = new Set<string>([...(nextOwner === null ? [] : [nextOwner]), ...(nextRecovery ?? [])]);
  const role = named.find(({ key }) => successors.has(key) && data.keys.get(key)?.kind === 'role');
  if (role === undefined) return null;
  const message = "the role's key pair is that of the owner or of a recovery key from the next block on";
  return { entry: role.entry, code: 'ID_REPEATED', message };
}

/** Grants that nobody has approved, though they must be, or that the signer may say only where the block demands them. */
function unapproved(draft: Draft, due: Due): Fault | null {
  const ruled = Object.hasOwn(draft.data.rules, 'grant');
  for (const { key, to, entry } of draft.unapproved) {
    if (due.covers(key, to)) continue;
    if (ruled) return { entry, ...TOO_FEW };
    return { entry, code: 'STATEMENT_UNAUTHORISED', message: 'the signer may not grant this key' };
  }
  return null;
}

function commit(draft: Draft): void {
  const { data, place, swept } = draft;
  for (const key of swept) {
    if (key.kind === 'group') key.closed = true;
    else key.swept = true;
  }
  const owner = data.owners.at(-1);
  if (owner !== undefined && draft.signerIsOwner) owner.signed = true;
  succeed(draft);
  indexBlock(data.recordIndex, place.index, draft.entries);
  data.records += draft.records;
  data.statements += draft.statements;
}
