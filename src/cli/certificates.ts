import { basename, dirname, extname, join } from 'node:path';
import type { Identity } from '../crypto/identity.js';
import { certifyErasure } from '../ledger/certificate.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ProveEntryOptions } from '../ledger/prove.js';
import type { CertifiedDestruction } from '../proof/verify-certificate.js';
import { writeFileWhole } from './files.js';
import { oneChunk } from './saying.js';

/** Where the certificate of a block lies if nobody says otherwise: beside the ledger. */
export function certificateFile(ledger: string, block: number): string {
  return join(dirname(ledger), `${basename(ledger, extname(ledger))}-erasure-${block}.json`);
}

/**
 * Certifies the erasures of a block, into a file.
 * @throws {MedsealError} what `certifyErasure` throws; `OUTPUT_INVALID`, `OUTPUT_FAILED`
 */
export async function writeCertificate(
  ledger: Ledger,
  identity: Identity,
  block: number,
  file: string,
  options: Omit<ProveEntryOptions, 'disclosed'> = {},
): Promise<CertifiedDestruction> {
  const { bytes, certificate } = await certifyErasure(ledger, identity, block, options);
  // It names no patient, and is made to be given away.
  await writeFileWhole(file, oneChunk(bytes), { mode: 0o644 });
  return certificate;
}
