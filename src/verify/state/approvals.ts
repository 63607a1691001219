import type { PublicKey } from '../../crypto/secp256k1.js';
import type { Approval, Rule, RuledStatement, Rules, RulesStatement, Statement } from '../../format/statement.js';
import type { LedgerData } from './data.js';
import { type Draft, type Finding, finding } from './draft.js';

/** The approvals that a statement carries, where it carries any. */
export function approvalsOf(statement: Statement): readonly Approval[] | undefined {
  // An info statement may have a member of that name, which means nothing.
  return statement.kind.startsWith('info-') ? undefined : (statement as RuledStatement).approvals;
}

/**
 * The rules whose approvals a statement needs, by the rules in force before its block. Whoever changes the rules needs
 * what each rule demands that is removed or changed.
 */
export function rulesFor(data: LedgerData, statement: Statement): Rule[] {
  const own = ruleOf(data.rules, statement.kind);
  const changed = statement.kind === 'rules' ? changedRules(data.rules, (statement as RulesStatement).rules) : [];
  return own === null || changed.includes(own) ? changed : [own, ...changed];
}

/** Whether there is a rule for statements of this kind. */
export function isRuled(rules: Rules, kind: string): boolean {
  return Object.hasOwn(rules, kind);
}

function ruleOf(rules: Rules, kind: string): Rule | null {
  return isRuled(rules, kind) ? (rules[kind] ?? null) : null;
}

function changedRules(before: Rules, after: Rules): Rule[] {
  return Object.entries(before).flatMap(([kind, rule]) => {
    const other = ruleOf(after, kind);
    const same = other?.threshold === rule.threshold && other.from.join() === rule.from.join();
    return same ? [] : [rule];
  });
}

/** What is wrong with the approvals that a statement carries. */
export function judgeApprovals(
  draft: Draft,
  statement: RuledStatement,
  approvals: readonly Approval[],
  signed: boolean,
): Finding {
  const { data, journal, lenient, place } = draft;
  const { proposal = '', until = '', ledger } = statement;
  const rules = rulesFor(data, statement);
  if (place.ledger !== null && ledger !== place.ledger) {
    return finding('APPROVAL_INVALID', 'the approvals are for another ledger');
  }
  if (until < place.timestamp) return finding('APPROVAL_INVALID', 'the approvals have expired');
  if (data.ids.has(proposal)) return finding('ID_REPEATED', 'what was approved has been said already');
  journal.add(data.ids, proposal);
  const by = new Set(approvals.map((approval) => approval.by));
  if (!signed || by.size < approvals.length) {
    return finding('APPROVAL_INVALID', 'an approval is repeated, forged or of another statement');
  }
  // A lost block may have changed the rules.
  if (lenient) return null;
  const foreign = [...by].find((key) => !isNamed(rules, key));
  if (foreign !== undefined) {
    return finding('APPROVAL_INVALID', `an approval is by a key that no rule for this statement names: ${foreign}`);
  }
  return rules.every((rule) => isMet(rule, by)) ? null : TOO_FEW;
}

export const TOO_FEW = {
  code: 'APPROVALS_MISSING',
  message: 'the statement has fewer approvals than a rule of the ledger demands',
} as const;

/** Whether any of some rules names a key. */
export function isNamed(rules: readonly Rule[], key: PublicKey): boolean {
  return rules.some(({ from }) => from.includes(key));
}

/** Whether enough of those whom a rule names have approved. */
export function isMet({ threshold, from }: Rule, by: ReadonlySet<PublicKey>): boolean {
  return from.filter((key) => by.has(key)).length >= threshold;
}

/** The rules' keys must be on the curve: nobody could approve with another. */
export function expectRules(draft: Draft, rules: Rules): Finding {
  const keys = Object.values(rules).flatMap(({ from }) => from);
  if (keys.every((key) => draft.curve.isPublicKey(key))) return null;
  return finding('PUBLIC_KEY_INVALID', 'a rule names a public key that is not on the curve');
}

export function changeRules(draft: Draft, { rules }: RulesStatement): Finding {
  draft.nextRules = rules;
  return expectRules(draft, rules);
}

/** Puts rules in force. */
export function setRules(data: LedgerData, rules: Rules): void {
  data.rules = rules;
  data.approvers.clear();
  for (const { from } of Object.values(rules)) for (const key of from) data.approvers.add(key);
}
