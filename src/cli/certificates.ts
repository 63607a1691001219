import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Identity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import { certifyErasure } from '../ledger/certificate.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ProveEntryOptions } from '../ledger/prove.js';
import type { CertifiedDestruction } from '../proof/verify-certificate.js';
import { kindIn } from './file-kind.js';
import { expectOtherFile, writeFileWhole } from './files.js';
import { oneChunk } from './saying.js';

/**
 * Where the certificate of a block goes if nobody says otherwise: beside the ledger, and beside what lies there already. No
 * two certificates are the same: each says who had looked, and when.
 */
export function certificateFile(ledger: string, block: number): string {
  const name = join(dirname(ledger), `${basename(ledger, extname(ledger))}-erasure-${block}`);
  let file = `${name}.json`;
  for (let number = 2; existsSync(file); number += 1) file = `${name}-${number}.json`;
  return file;
}

/**
 * Refuses to write a certificate over another, or over what `expectOtherFile` keeps.
 * @throws {MedsealError} `FILE_EXISTS`, `USAGE`
 */
export function expectNoCertificate(file: string | undefined, ...inputs: (string | undefined)[]): void {
  expectOtherFile(file, ...inputs);
  if (file === undefined || kindIn(file) !== 'proof') return;
  const message = `${file} is a certificate or a proof already, which no certificate is written over; choose another file`;
  throw new MedsealError('FILE_EXISTS', message, { file });
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
