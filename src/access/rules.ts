import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { isRuledKind, type Rules, type RulesStatement } from '../format/statement.js';
import type { LedgerState } from '../verify/state.js';

/**
 * The rules with one that is new or changed.
 * @param kind of statements that need approvals
 * @param threshold how many of `from` must approve, 1 … their number
 * @throws {MedsealError} `ARGUMENT_INVALID`
 */
export function withRule(
  state: LedgerState,
  kind: string,
  threshold: number,
  from: readonly PublicKey[],
): RulesStatement {
  if (!isRuledKind(kind)) {
    throw new MedsealError('ARGUMENT_INVALID', `no approvals can be demanded for ${JSON.stringify(kind)}; ${RULED}`);
  }
  if (new Set(from).size < from.length) throw new MedsealError('ARGUMENT_INVALID', 'an approver is named twice');
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > from.length) {
    const message = `the threshold is how many of the ${from.length} approvers must approve: a whole number from 1 to ${from.length}`;
    throw new MedsealError('ARGUMENT_INVALID', message);
  }
  return { kind: 'rules', rules: { ...state.rules, [kind]: { threshold, from } } };
}

/** The rules without one. @throws {MedsealError} `ARGUMENT_INVALID` */
export function withoutRule(state: LedgerState, kind: string): RulesStatement {
  if (!Object.hasOwn(state.rules, kind)) {
    throw new MedsealError('ARGUMENT_INVALID', `there is no rule for ${JSON.stringify(kind)}`);
  }
  const rules: Rules = Object.fromEntries(Object.entries(state.rules).filter(([each]) => each !== kind));
  return { kind: 'rules', rules };
}

const RULED =
  'kinds are dataset, dataset-keys, dataset-end, amend, grant, revoke, role, writer, writer-removed, owner, recovery, rules, erase, audit and log-key';
