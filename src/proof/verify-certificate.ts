import { toHex } from '../bytes.js';
import { type Curve, loadCurve } from '../crypto/secp256k1.js';
import { MedsealError, type ProofCode } from '../errors.js';
import { certificateDigest, decodeCertificate, type ErasureCertificate, entryOf } from './certificate.js';
import { type CheckedAnchor, checkChain, expectEntry, expectPinned, fail, type VerifyProofOptions } from './chain.js';

/** What a certificate shows, where it is good. */
export interface CertifiedDestruction {
  readonly ledger: string;
  /** The block of the statements, its time, signer and hash (hex). */
  readonly block: number;
  readonly timestamp: string;
  readonly signer: string;
  readonly hash: string;
  /** What each statement says: how many records, why, on what basis, and who approved it. */
  readonly erasures: readonly {
    readonly entry: number;
    readonly records: number;
    readonly reason: string;
    readonly basis: string;
    readonly approvedBy: readonly string[];
  }[];
  /** Who says that the records have been destroyed where they keep them, and when. */
  readonly by: string;
  readonly at: string;
  readonly anchor: CheckedAnchor;
}

export interface CertificateVerdict {
  readonly ok: boolean;
  readonly problem: { readonly code: ProofCode; readonly message: string } | null;
  /** Null where the certificate is not good. */
  readonly certificate: CertifiedDestruction | null;
}

/**
 * Checks an erasure certificate, without its ledger and with a public key alone (spec/proofs.md, "Erasure certificate").
 * @returns the verdict; what is wrong with the certificate is in it, and never thrown
 * @throws {MedsealError} `ARGUMENT_INVALID` where `owner` is no public key
 */
export async function verifyCertificate(bytes: Uint8Array, options: VerifyProofOptions): Promise<CertificateVerdict> {
  const curve = await loadCurve();
  expectPinned(options, curve);
  try {
    return { ok: true, problem: null, certificate: check(decodeCertificate(bytes), options, curve) };
  } catch (error) {
    if (!(error instanceof MedsealError)) throw error;
    return { ok: false, problem: { code: error.code as ProofCode, message: error.message }, certificate: null };
  }
}

/** @throws {MedsealError} a `ProofCode`, for the first link of the chain that does not hold */
function check(certificate: ErasureCertificate, options: VerifyProofOptions, curve: Curve): CertifiedDestruction {
  const { ledger, erasures, block, by, at, signature } = certificate;
  for (const erasure of erasures) expectEntry(entryOf(erasure), erasure, block);
  const { hash, anchor } = checkChain(certificate, options, curve);
  const { index, timestamp, signer } = block.header;
  if (at < timestamp) fail('TIME_BACKWARDS', 'the certificate is dated earlier than the erasure');
  if (!curve.verify(by, certificateDigest(certificate), signature)) {
    fail('SIGNATURE_INVALID', 'the signature of the certificate does not fit');
  }
  return {
    ledger,
    block: index,
    timestamp,
    signer,
    hash: toHex(hash),
    erasures: erasures.map(({ statement: { entries, reason, basis, approvals = [] }, position }) => {
      const approvedBy = approvals.map((approval) => approval.by);
      return { entry: position, records: entries.length, reason, basis, approvedBy };
    }),
    by,
    at,
    anchor,
  };
}
