import { type ReadingTerms, recordReading } from '../access/accesses.js';
import type { Identity } from '../crypto/identity.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { isReadable } from '../format/block.js';
import { hashOf } from '../format/header.js';
import { type AmendStatement, parseStatement } from '../format/statement.js';
import type { Ledger } from '../ledger/ledger.js';
import { approvalsOf } from '../verify/state/approvals.js';
import { originalOf, versionsOf } from './amendments.js';
import type { DatasetInfo } from './directory.js';
import { type OpenOptions, readingOf, verifiedDataset } from './open.js';
import type { VerifiedDataset } from './reading.js';
import { type RowState, readRecord } from './record.js';

/** One version of a row: who put it there, when, and why. */
export interface RowVersion {
  /** 1 for the row as it was sealed first. */
  readonly version: number;
  /** The number under which it was sealed: proofs and blocks name it by that. */
  readonly row: number;
  /** The block that holds it; null where none that verifies does. */
  readonly block: number | null;
  /** When it was put in the place of the one before, and by whom; of the first version, when it was sealed. */
  readonly time: string | null;
  readonly by: PublicKey | null;
  readonly approvedBy: readonly PublicKey[];
  /** Null of the first version. */
  readonly reason: string | null;
  /** Its exact bytes; null where it has been erased, is closed to this key, or does not open. */
  readonly content: Uint8Array | null;
  readonly state: RowState;
}

/** A row with all its versions, the newest last. */
export interface RowHistory {
  readonly info: DatasetInfo;
  readonly row: number;
  readonly versions: readonly RowVersion[];
}

/**
 * Every version of a row, from blocks that verify (21 CFR 11.10(e): the audit trail shows what was recorded before).
 * @param row from 1; where it is the number of a version, that of the row that it is of
 * @throws {MedsealError} what `openDataset` throws, recorded reading among it; `ROW_NOT_FOUND`
 */
export async function rowHistory(
  ledger: Ledger,
  identity: Identity,
  row: number,
  options: Pick<OpenOptions, 'dataset' | 'owner' | keyof ReadingTerms> = {},
): Promise<RowHistory> {
  const dataset = await verifiedDataset(ledger, identity, options);
  const { info } = dataset;
  if (!Number.isSafeInteger(row) || row < 1 || row > info.rows) {
    throw new MedsealError('ROW_NOT_FOUND', `the data set has no row ${row}`, { row });
  }
  const original = originalOf(info.amendments, row) ?? row;
  await recordReading(ledger, identity, dataset.state, [readingOf(info, { from: original, to: original })], options);
  const corrections = await correctionsOf(dataset, original);
  const versions: RowVersion[] = [];
  for (const [i, number] of versionsOf(info.amendments, original).entries()) {
    const found = await readRecord(dataset, number);
    const said = corrections.get(number) ?? null;
    versions.push({
      version: i + 1,
      row: number,
      block: found?.block.index ?? null,
      time: said?.time ?? found?.block.timestamp ?? null,
      by: said?.by ?? found?.block.signer ?? null,
      approvedBy: said?.approvedBy ?? [],
      reason: said?.reason ?? null,
      content: found?.content ?? null,
      state: found?.state ?? 'unopened',
    });
  }
  return { info, row: original, versions };
}

interface SaidCorrection {
  readonly time: string;
  readonly by: PublicKey;
  readonly approvedBy: readonly PublicKey[];
  readonly reason: string;
}

/** The statements that correct a row, by the number of the version that each brings in. */
async function correctionsOf(
  { ledger, info, blocks, accepted }: VerifiedDataset,
  row: number,
): Promise<Map<number, SaidCorrection>> {
  const corrections = new Map<number, SaidCorrection>();
  if (!info.amendments.versions.has(row)) return corrections;
  let place = -1;
  for await (const item of ledger.blocks({ to: blocks, bodies: false })) {
    place++;
    if (!isReadable(item) || !accepted.has(place, hashOf(item))) continue;
    const { timestamp: time, signer: by } = item.header;
    for (const { kind, bytes } of item.entries) {
      const statement = kind === 'statement' ? parseStatement(bytes) : null;
      if (statement?.kind !== 'amend' || statement.id !== info.id || statement.row !== row) continue;
      const { by: version, reason } = statement as AmendStatement;
      const approvedBy = (approvalsOf(statement) ?? []).map((approval) => approval.by);
      corrections.set(version, { time, by, approvedBy, reason });
    }
  }
  return corrections;
}
