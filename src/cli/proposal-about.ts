import { type About, aboutOf } from '../access/about.js';
import { approverNames } from '../access/approver-names.js';
import { type Proposal, statementsOf } from '../access/proposal.js';
import { type RuleChange, ruleChanges } from '../access/rule-changes.js';
import type { TrailStatement } from '../access/trail.js';
import type { Identity } from '../crypto/identity.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { type DatasetInfo, listDatasets } from '../dataset/directory.js';
import type { Rule, RulesStatement, Statement } from '../format/statement.js';
import { openLedger } from '../ledger/ledger.js';
import { verifiedState } from '../ledger/verified-state.js';
import { approvalsOf, isNamed, rulesFor } from '../verify/state/approvals.js';

/** What a ledger tells of a proposal, which names keys and places only. */
export interface ProposalAbout {
  readonly statements: ReadonlyMap<Statement, About>;
  /** Those that the approver's key opens have names. */
  readonly datasets: readonly DatasetInfo[];
  /** The rules that ask for approvals of it. */
  readonly rules: readonly Rule[];
  /** What becomes of each rule, by the statements that change them; the last one counts. */
  readonly ruleChanges: ReadonlyMap<Statement, readonly RuleChange[]>;
  /** What the owner calls the approvers, by their keys. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Looks a proposal up in a copy of its ledger, which is verified first.
 * @throws {MedsealError} `LEDGER_INVALID` where it does not verify, or is another ledger; what `openLedger` throws
 */
export async function aboutProposal(path: string, proposal: Proposal, identity: Identity): Promise<ProposalAbout> {
  const ledger = await openLedger(path);
  try {
    const { state } = await verifiedState(ledger, { ledger: proposal.ledger });
    const statements = new Map<Statement, About>();
    const rules = new Set<Rule>();
    const changes = new Map<Statement, readonly RuleChange[]>();
    for (const statement of statementsOf(proposal)) {
      statements.set(statement, await aboutOf(ledger, state, statement as TrailStatement));
      if (statement.kind === 'rules') {
        changes.set(statement, ruleChanges(state.rules, (statement as RulesStatement).rules));
      }
      if (approvalsOf(statement) !== undefined) for (const rule of rulesFor(state.data, statement)) rules.add(rule);
    }
    const { datasets } = await listDatasets(ledger, identity);
    const names = await approverNames(ledger, state);
    return { statements, datasets, rules: [...rules], ruleChanges: changes, names };
  } finally {
    await ledger.close();
  }
}

/** Whether the approval of a key counts. */
export function counts({ rules }: ProposalAbout, key: PublicKey): boolean {
  return isNamed(rules, key);
}
