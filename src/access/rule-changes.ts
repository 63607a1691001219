import type { PublicKey } from '../crypto/secp256k1.js';
import type { Rule, Rules } from '../format/statement.js';
import { WRITERS_KINDS } from '../verify/state/authority.js';

/** What becomes of a rule when others are said. */
export interface RuleChange {
  /** The kind of statement that the rule is for. */
  readonly kind: string;
  readonly effect: 'added' | 'changed' | 'removed' | 'kept';
  /** Null where there was none, and where there is none any more. */
  readonly before: Rule | null;
  readonly after: Rule | null;
  /** Whose approval counted for this kind and does so no longer, and the other way round. */
  readonly lose: readonly PublicKey[];
  readonly gain: readonly PublicKey[];
}

/** What the rules in force become by others that are said: first those that were there, then those that are new. */
export function ruleChanges(before: Rules, after: Rules): RuleChange[] {
  const kinds = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...kinds].map((kind) => changeOf(kind, ruleOf(before, kind), ruleOf(after, kind)));
}

function ruleOf(rules: Rules, kind: string): Rule | null {
  return Object.hasOwn(rules, kind) ? (rules[kind] ?? null) : null;
}

function changeOf(kind: string, before: Rule | null, after: Rule | null): RuleChange {
  const [old, next] = [before?.from ?? [], after?.from ?? []];
  const same = before?.threshold === after?.threshold && old.join() === next.join();
  const effect = before === null ? 'added' : after === null ? 'removed' : same ? 'kept' : 'changed';
  const lose = old.filter((key) => !next.includes(key));
  return { kind, effect, before, after, lose, gain: next.filter((key) => !old.includes(key)) };
}

/** Who puts a kind of statement that no rule is for on the ledger beside its owner. */
export function saidWithoutRule(kind: string): 'owner' | 'writers' | 'writers of theirs' {
  if (!WRITERS_KINDS.has(kind)) return 'owner';
  return kind === 'dataset' ? 'writers' : 'writers of theirs';
}
