import type { Identity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import { type Block, isReadable } from '../format/block.js';
import { type EraseStatement, parseStatement } from '../format/statement.js';
import { timestampOf } from '../format/timestamp.js';
import { type CertifiedErasure, certificateDigest, encodeCertificate } from '../proof/certificate.js';
import { type CertifiedDestruction, verifyCertificate } from '../proof/verify-certificate.js';
import type { Ledger } from './ledger.js';
import { entryPathOf, type ProveEntryOptions, proveWith } from './prove.js';
import { verifiedState } from './verified-state.js';

/** A certificate as it was made, and what it says. */
export interface MadeCertificate {
  /** The certificate's file. */
  readonly bytes: Uint8Array;
  readonly certificate: CertifiedDestruction;
}

/**
 * Certifies the erasures of a block: that they stand on the ledger, with the proof of that, and, signed, that their records
 * are not in this store any more. The ledger is verified, and the store looked at, before anything is signed.
 * @param identity who keeps the ledger; any key can certify, and whoever reads it judges whose word it is
 * @param options.owner the key that vouches for the block. By default the newest owner's that has signed it or a later one
 * @throws {MedsealError} `ARGUMENT_INVALID` where the block holds no erasure, or where its records are still there;
 *   `LEDGER_INVALID`; what `proveEntry` throws
 */
export async function certifyErasure(
  ledger: Ledger,
  identity: Identity,
  block: number,
  options: Omit<ProveEntryOptions, 'disclosed'> = {},
): Promise<MadeCertificate> {
  const { state } = await verifiedState(ledger);
  const owner = options.owner ?? state.owner;
  return proveWith(ledger, block, owner === null ? options : { ...options, owner }, async (parts) => {
    const erasures = await erasuresOf(parts.block);
    for (const { statement } of erasures) await expectDestroyed(ledger, statement);
    const { header, proof, signature: signed } = parts.block;
    const now = timestampOf(ledger.clock());
    const unsigned = {
      ledger: parts.ledger,
      anchor: parts.anchor,
      block: { header, proof, signature: signed },
      erasures,
      by: identity.publicKey,
      // A block may be dated a little ahead of this clock.
      at: now < header.timestamp ? header.timestamp : now,
    };
    const signature = await identity.sign(certificateDigest(unsigned));
    const bytes = encodeCertificate({ ...unsigned, signature });
    const { certificate, problem } = await verifyCertificate(bytes, { owner: parts.owner });
    return certificate === null ? { problem } : { made: { bytes, certificate } };
  });
}

async function erasuresOf(block: Block): Promise<CertifiedErasure[]> {
  const erasures: CertifiedErasure[] = [];
  for (const [position, { kind, bytes }] of block.entries.entries()) {
    const statement = kind === 'statement' ? parseStatement(bytes) : null;
    if (statement?.kind !== 'erase') continue;
    erasures.push({ statement, position, entryPath: await entryPathOf(block, position) });
  }
  if (erasures.length > 0) return erasures;
  const { index } = block.header;
  throw new MedsealError('ARGUMENT_INVALID', `block ${index} erases nothing`, { block: index });
}

async function expectDestroyed(ledger: Ledger, { entries }: EraseStatement): Promise<void> {
  let block: Block | null = null;
  for (const [index, position] of entries) {
    if (block?.header.index !== index) {
      const item = await ledger.block(index);
      block = item !== null && isReadable(item) ? item : null;
    }
    const entry = block?.entries[position];
    if (entry?.kind === 'sealed' && entry.salt === null && entry.body === null) continue;
    const message =
      'records of this erasure are still in the file; the next command that writes to the ledger destroys them';
    throw new MedsealError('ARGUMENT_INVALID', message, { block: index, entry: position });
  }
}
