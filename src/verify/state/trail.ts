import type { AccessStatement, AuditStatement, EraseStatement, LogKeyStatement } from '../../format/statement.js';
import { addBit, removeBit } from './bits.js';
import { type Draft, type Finding, finding } from './draft.js';
import { serialAt } from './record-index.js';

/** How far a reader's clock may be ahead of the block that holds what it says. */
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;

/** What a reader says of its own reading. */
export function noteAccess(draft: Draft, statement: AccessStatement, signed: boolean): Finding {
  const { data, journal, lenient, place, signerIsOwner } = draft;
  const { id, by, at, dataset, ledger } = statement;
  if (!draft.curve.isPublicKey(by)) {
    return finding('PUBLIC_KEY_INVALID', "the reader's public key is not on the curve");
  }
  if (!signerIsOwner && by !== place.signer) {
    return finding('STATEMENT_UNAUTHORISED', 'a reader may state its own accesses only');
  }
  if (!signed || (place.ledger !== null && ledger !== place.ledger)) {
    return finding('ACCESS_INVALID', 'the access is not signed by its reader, or not for this ledger');
  }
  if (data.keys.has(by)) return finding('ACCESS_INVALID', 'the access is stated by a role, not by one of its members');
  if (Date.parse(at) > Date.parse(place.timestamp) + CLOCK_TOLERANCE_MS) {
    return finding('ACCESS_INVALID', 'the access is dated more than 5 minutes later than its block');
  }
  if (data.ids.has(id)) return finding('ID_REPEATED', 'the access has been stated already');
  if (!data.datasets.has(dataset) && !lenient)
    return finding('DATASET_UNKNOWN', 'the data set that was read has not begun');
  journal.add(data.ids, id);
  return null;
}

/** Lets records be destroyed: each must be a sealed record of an earlier block. */
export function erase(draft: Draft, { entries }: EraseStatement): Finding {
  const { data, journal, lenient, place } = draft;
  for (const [block, position] of entries) {
    const serial = block < place.index ? serialAt(data.recordIndex, block, position) : null;
    if (serial === null) {
      if (lenient && block < place.index) continue;
      return finding('ERASE_INVALID', 'what is to be erased is not a sealed record of an earlier block');
    }
    if (addBit(data.erased, serial)) journal.note(() => removeBit(data.erased, serial));
  }
  return null;
}

export function changeAudit({ data, journal }: Draft, { on }: AuditStatement): Finding {
  journal.assign(data, 'audit', on);
  return null;
}

export function changeLogKey({ data, journal, place }: Draft, { public_key }: LogKeyStatement): Finding {
  journal.assign(data, 'logKey', { publicKey: public_key, block: place.index });
  return null;
}
