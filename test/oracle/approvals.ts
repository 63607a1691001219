// "Rules and approvals".

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { isPublicKey } from './block.js';
import { type Bytes, demand, fromHex, H, label, utf8 } from './bytes.js';
import { type JsonObject, jcs } from './jcs.js';
import type { Saying } from './rules.js';
import { isInfo } from './statements.js';

export type Rule = { from: string[]; threshold: number };
export type Rules = { [kind: string]: Rule };

export function checkRules(rules: JsonObject): Rules {
  for (const { from } of Object.values(rules as Rules)) {
    for (const key of from) demand(isPublicKey(fromHex(key, 33)), "a rule's key is not a public key");
  }
  return rules as Rules;
}

export function isApprover(rules: Rules, key: string): boolean {
  return Object.values(rules).some(({ from }) => from.includes(key));
}

export function approvalDigest(statement: JsonObject): Bytes {
  const { approvals: _approvals, enc: _enc, wrapped: _wrapped, ...proposed } = statement;
  return H(label('approval'), utf8(jcs(proposed)));
}

export function isSignedBy(digest: Uint8Array, signature: string, by: string): boolean {
  try {
    return secp256k1.verify(fromHex(signature, 64), digest, fromHex(by, 33), { prehash: false, lowS: true });
  } catch {
    return false;
  }
}

/** The rules whose approvals a statement needs. */
function needed(rules: Rules, statement: JsonObject): Rule[] {
  const kinds = Object.keys(rules).filter((kind) => {
    if (kind === statement.kind) return true;
    if (statement.kind !== 'rules') return false;
    const after = (statement.rules as Rules)[kind];
    return after === undefined || jcs(after) !== jcs(rules[kind]!);
  });
  return kinds.map((kind) => rules[kind]!);
}

/** Returns whether the statement has been approved; a grant that nobody approved is left to be judged with the block. */
export function approve(saying: Saying, statement: JsonObject): boolean {
  const { state, signer, timestamp, isOwner } = saying;
  if (isInfo(String(statement.kind))) return false;
  const rules = needed(state.rules, statement);
  const approvals = statement.approvals as { by: string; signature: string }[] | undefined;
  if (approvals === undefined) {
    if (statement.kind === 'grant' && (rules.length > 0 || (!isOwner && isApprover(state.rules, signer)))) {
      saying.unapproved.push(statement);
    } else demand(rules.length === 0, 'a statement lacks its approvals');
    return false;
  }
  demand(statement.ledger === state.ledger, 'the approvals are for another ledger');
  demand(String(statement.until) >= timestamp, 'the approvals came too late');
  demand(!state.ids.has(String(statement.proposal)), 'the proposal is not new');
  state.ids.add(String(statement.proposal));
  const digest = approvalDigest(statement);
  const by = approvals.map((approval) => approval.by);
  for (const approval of approvals) {
    demand(isSignedBy(digest, approval.signature, approval.by), 'an approval is not signed');
    demand(by.filter((key) => key === approval.by).length === 1, 'somebody approves twice');
    demand(
      rules.some(({ from }) => from.includes(approval.by)),
      'an approval of somebody else',
    );
  }
  for (const { from, threshold } of rules) {
    demand(from.filter((key) => by.includes(key)).length >= threshold, 'too few approvals');
  }
  return true;
}
