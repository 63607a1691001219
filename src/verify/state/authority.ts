import type { PublicKey } from '../../crypto/secp256k1.js';
import type {
  LedgerStatement,
  OwnerStatement,
  RecoveryStatement,
  Statement,
  WriterStatement,
} from '../../format/statement.js';
import type { InspectedEntry } from '../inspect.js';
import { approvalsOf, expectRules, isRuled, setRules } from './approvals.js';
import { type LedgerData, ownerOf } from './data.js';
import { type Draft, type Finding, finding } from './draft.js';
import { closeAll, holdsKeys, isPerson } from './keys.js';

/** Whether a key may sign a block: 'unknown' where a block that might have said so could not be read. */
export type Authority = 'yes' | 'no' | 'unknown';

/**
 * What a block holds, as far as the right to sign it depends on that: nothing but accesses; nothing but statements that
 * carry approvals, and grants; or anything else. Null where it is not known.
 */
export type Content = 'accesses' | 'approved' | 'anything' | null;

export function contentOf(entries: readonly InspectedEntry[] | null): Content {
  if (entries === null) return null;
  const all = (fits: (statement: Statement) => boolean): boolean =>
    entries.every((entry) => entry.kind === 'statement' && fits(entry.statement));
  if (all(({ kind }) => kind === 'access')) return 'accesses';
  if (all(isApproved)) return 'approved';
  return 'anything';
}

/** Whether an approver may sign a block with such a statement. */
export function isApproved(statement: Statement): boolean {
  return statement.kind === 'grant' || approvalsOf(statement) !== undefined;
}

/** Whether a key may sign the next block. */
export function authorityOf(data: LedgerData, signer: PublicKey, content: Content): Authority {
  if (signer === ownerOf(data) || data.writers.has(signer)) return 'yes';
  const reads = holdsKeys(data, signer) && !data.keys.has(signer);
  if (reads && (content === 'accesses' || content === null)) return 'yes';
  if (data.approvers.has(signer) && (content === 'approved' || content === null)) return 'yes';
  return data.authorityUnknown ? 'unknown' : 'no';
}

/** What a writer may say, some of it only of data sets of their own. */
export const WRITERS_KINDS: ReadonlySet<string> = new Set(['dataset', 'dataset-keys', 'dataset-end', 'amend', 'grant']);

/** Whether the signer may say a statement of this kind, and by whose right; approvals are judged apart from that. */
export function maySay(draft: Draft, statement: Statement): boolean {
  const { data, place, signerIsOwner, signerIsWriter, signerIsApprover } = draft;
  const { kind } = statement;
  draft.asOwner = signerIsOwner;
  if (signerIsOwner) return true;
  // Nobody may say it here, as its own rule tells.
  if (kind === 'ledger') return true;
  if (kind.startsWith('info-')) return signerIsWriter;
  if (kind === 'access') return draft.holdsAccessesOnly && holdsKeys(data, place.signer);
  // By a rule for this kind: what `rules` needs beside that, because it changes other rules, gives nobody a right to say it.
  if (signerIsApprover && approvalsOf(statement) !== undefined && isRuled(data.rules, kind)) {
    draft.asOwner = true;
    return true;
  }
  return (signerIsWriter && WRITERS_KINDS.has(kind)) || (signerIsApprover && kind === 'grant');
}

export function begin(draft: Draft, statement: LedgerStatement): Finding {
  const { curve, data, place } = draft;
  if (place.index !== 1) return finding('GENESIS_INVALID', 'only the genesis block may say "ledger"');
  if (![statement.owner, ...statement.recovery].every((key) => curve.isPublicKey(key))) {
    return finding('PUBLIC_KEY_INVALID', 'the "ledger" statement names a public key that is not on the curve');
  }
  if (statement.owner !== place.signer) {
    return finding('SIGNER_UNAUTHORISED', 'the genesis block is not signed by the owner that it names');
  }
  const { difficulty, recovery, audit } = data;
  draft.journal.note(() => Object.assign(data, { difficulty, recovery, audit }));
  data.difficulty = statement.difficulty;
  data.recovery = statement.recovery;
  data.audit = statement.audit;
  draft.nextRules = statement.rules;
  return expectRules(draft, statement.rules);
}

export function changeWriter(draft: Draft, { kind, public_key }: WriterStatement): Finding {
  const { data, journal, lenient } = draft;
  if (!isPerson(draft, public_key)) return notAPerson("the writer's public key");
  const adding = kind === 'writer';
  const { writers } = data;
  if (!lenient && (adding === writers.has(public_key) || public_key === ownerOf(data))) {
    return finding('WRITER_INVALID', adding ? 'the key may sign already' : 'the key that is removed is no writer');
  }
  if (adding) journal.add(writers, public_key);
  else journal.remove(writers, public_key);
  return null;
}

export function changeOwner(draft: Draft, { public_key }: OwnerStatement): Finding {
  if (!isPerson(draft, public_key)) return notAPerson("the new owner's public key");
  draft.nextOwner = public_key;
  return null;
}

export function changeRecovery(draft: Draft, { public_keys }: RecoveryStatement): Finding {
  if (!public_keys.every((key) => isPerson(draft, key))) return notAPerson("a recovery key's public key");
  draft.nextRecovery = public_keys;
  return null;
}

function notAPerson(whose: string): Finding {
  return finding('PUBLIC_KEY_INVALID', `${whose} is not on the curve, or is that of a role`);
}

/** Brings into force what holds from the next block on. */
export function succeed({ data, place, nextOwner, nextRecovery, nextRules }: Draft): void {
  if (nextRules !== null) setRules(data, nextRules);
  if (nextOwner === null && nextRecovery === null) return;
  const standing = (): PublicKey[] => [ownerOf(data) ?? ('' as PublicKey), ...data.recovery];
  const before = standing();
  if (nextOwner !== null) {
    data.owners.push({ publicKey: nextOwner, from: place.index + 1, signed: false });
    data.writers.delete(nextOwner);
  }
  if (nextRecovery !== null) data.recovery = nextRecovery;
  const after = new Set(standing());
  closeAll(
    data,
    place.index,
    before.filter((key) => !after.has(key)),
  );
}
