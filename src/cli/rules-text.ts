import { type RuleChange, saidWithoutRule } from '../access/rule-changes.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import type { Rule, Rules } from '../format/statement.js';
import type { Context } from './context.js';
import { printable } from './terminal.js';

type Names = ReadonlyMap<string, string>;

/** What becomes of each rule, and who loses what by it; a line each. */
export function ruleChangesText(changes: readonly RuleChange[], names: Names): string[] {
  const kept = changes.filter(({ effect }) => effect === 'kept');
  const told = changes.filter(({ effect }) => effect !== 'kept');
  return [
    ...told.flatMap((change) => [
      titleOf(change, names),
      ...consequencesOf(change, names).map((line) => `    ${line}`),
    ]),
    ...(kept.length === 0 ? [] : [`as before: ${kept.map(({ kind }) => `"${kind}"`).join(', ')}`]),
  ];
}

function titleOf({ kind, before, after }: RuleChange, names: Names): string {
  if (after === null) return `"${kind}": the rule is taken away; it needed ${ruleText(before, names)}`;
  if (before === null) return `"${kind}": a new rule; it needs ${ruleText(after, names)}`;
  return `"${kind}": the rule is changed; it needed ${ruleText(before, names)}, and needs ${ruleText(after, names)}`;
}

function ruleText(rule: Rule | null, names: Names): string {
  return rule === null ? 'none' : `${rule.threshold} of ${rule.from.length}: ${peopleText(rule.from, names)}`;
}

function consequencesOf({ kind, before, after, lose, gain }: RuleChange, names: Names): string[] {
  const lines: string[] = [];
  if (lose.length > 0) {
    lines.push(`${peopleText(lose, names)} no longer ${lose.length === 1 ? 'has' : 'have'} a say in "${kind}"`);
  }
  if (after === null) return [...lines, `from then on ${whoSays(kind)}`];
  if (before === null) {
    lines.push(`${lossOfOthers(kind)} without ${after.threshold} of these approvals`);
  } else if (gain.length > 0) {
    lines.push(`${peopleText(gain, names)} ${gain.length === 1 ? 'gets' : 'get'} a say in it`);
  }
  if (before !== null && before.threshold !== after.threshold) {
    const more = after.threshold > before.threshold;
    lines.push(`it takes ${more ? 'more' : 'fewer'} approvals: ${after.threshold}, not ${before.threshold}`);
  }
  if (before !== null && lines.length === 0) lines.push('the same people, in another order');
  if (before === null || gain.length > 0 || after.threshold < before.threshold) lines.push(powerOf(kind, after));
  return lines;
}

/** What approvers can do by themselves: whatever they approve is said with the owner's right. */
function powerOf(kind: string, { threshold, from }: Rule): string {
  const some = threshold === 1 ? 'any one of these' : `any ${threshold} of these`;
  const who = threshold < from.length ? some : threshold === 1 ? 'this one key' : `these ${threshold} together`;
  return `${who} can ${POWERS[kind] ?? `put "${kind}" on the ledger`}, without the owner`;
}

const POWERS: Readonly<Record<string, string>> = {
  owner: 'make anybody the owner of the ledger, and so themselves',
  rules: 'make any rule, and so one by which they hand the ledger over',
};

function lossOfOthers(kind: string): string {
  if (kind === 'rules') return 'the owner can no longer add rules';
  if (saidWithoutRule(kind) === 'owner') return `the owner can no longer put "${kind}" on the ledger`;
  return `neither the owner nor a writer can put "${kind}" on the ledger any more`;
}

function whoSays(kind: string): string {
  if (kind === 'rules') return 'the owner alone adds rules; to change or take away one takes its own approvals only';
  switch (saidWithoutRule(kind)) {
    case 'writers':
      return `the owner and every writer put "${kind}" on the ledger alone`;
    case 'writers of theirs':
      return `the owner puts "${kind}" on the ledger alone, and so does a writer for their own data sets`;
    default:
      return `the owner alone puts "${kind}" on the ledger`;
  }
}

/** People by what the owner calls them, with the beginning of the key that counts; others by their whole key. */
function peopleText(keys: readonly PublicKey[], names: Names): string {
  const texts = keys.map((key) => {
    const name = printable(names.get(key) ?? '');
    return name === '' ? key : `${name} (${key.slice(0, 12)}…)`;
  });
  return texts.join(', ');
}

/** For programs: whether a rule is for `rules`. */
export function rulesNeedApprovals(rules: Rules): { readonly rulesNeedApprovals: boolean } {
  return { rulesNeedApprovals: Object.hasOwn(rules, 'rules') };
}

/** Says what it means that there are rules, and none for `rules`. */
export function noteUnruledRules(rules: Rules, { terminal }: Context): void {
  if (Object.keys(rules).length > 0 && !rulesNeedApprovals(rules).rulesNeedApprovals) terminal.note(UNRULED_RULES);
}

const UNRULED_RULES =
  'There is no rule for "rules". So the owner can add a rule for any other kind alone (for "owner" or "erase", say, with any approvers), ' +
  'and can change a rule or take it away with nobody’s approvals but those of that rule. ' +
  '"medseal approvals set LEDGER --kind rules --threshold M --from NAME=PUBLICKEY,…" lets approvers decide on all of that.';
