import { equalBytes, toHex } from '../bytes.js';
import { bodyHash, openBody, saltHash } from '../crypto/sealing.js';
import { type Curve, loadCurve } from '../crypto/secp256k1.js';
import { MedsealError, type ProofCode } from '../errors.js';
import { ASSOCIATED_LENGTH, sealedFields } from '../format/entry.js';
import { type CheckedAnchor, checkChain, expectEntry, expectPinned, fail, type VerifyProofOptions } from './chain.js';
import { type Disclosure, decodeProof, type RecordProof } from './record-proof.js';

export type { VerifyProofOptions } from './chain.js';

/** What a proof shows, where it is good. */
export interface ProvenRecord {
  readonly ledger: string;
  /** The record's number in its data set; 0 is the header row. */
  readonly row: number;
  /** The id of the key that it is sealed under, hex: the ledger tells which data set's that is. */
  readonly keyId: string;
  readonly block: number;
  /** Its place among the block's entries, from 0. */
  readonly entry: number;
  /** The block's time and signer, and its hash (hex). */
  readonly timestamp: string;
  readonly signer: string;
  readonly hash: string;
  readonly anchor: CheckedAnchor;
  /** The record's exact bytes where it is disclosed. */
  readonly content: Uint8Array | null;
}

export interface ProofVerdict {
  readonly ok: boolean;
  readonly problem: { readonly code: ProofCode; readonly message: string } | null;
  /** Null where the proof is not good. */
  readonly record: ProvenRecord | null;
}

/**
 * Checks a record proof, without its ledger and with a public key alone (spec/proofs.md, "Checking").
 * @returns the verdict; what is wrong with the proof is in it, and never thrown
 * @throws {MedsealError} `ARGUMENT_INVALID` where `owner` is no public key
 */
export async function verifyProof(bytes: Uint8Array, options: VerifyProofOptions): Promise<ProofVerdict> {
  const curve = await loadCurve();
  expectPinned(options, curve);
  try {
    return { ok: true, problem: null, record: check(decodeProof(bytes), options, curve) };
  } catch (error) {
    if (!(error instanceof MedsealError)) throw error;
    return { ok: false, problem: { code: error.code as ProofCode, message: error.message }, record: null };
  }
}

/** @throws {MedsealError} a `ProofCode`, for the first link of the chain that does not hold */
function check(proof: RecordProof, options: VerifyProofOptions, curve: Curve): ProvenRecord {
  expectEntry(proof.entry, proof, proof.block);
  const { hash, anchor } = checkChain(proof, options, curve);
  const content = proof.disclosed === null ? null : disclosedContent(proof.entry, proof.disclosed);
  const { row, keyId } = sealedFields(proof.entry);
  const { index, timestamp, signer } = proof.block.header;
  return {
    ledger: proof.ledger,
    row,
    keyId: toHex(keyId),
    block: index,
    entry: proof.position,
    timestamp,
    signer,
    hash: toHex(hash),
    anchor,
    content,
  };
}

function disclosedContent(entry: Uint8Array, { body, salt, key }: Disclosure): Uint8Array {
  const fields = sealedFields(entry);
  if (!equalBytes(saltHash(salt), fields.saltHash)) {
    fail('SALT_MISMATCH', 'the disclosed salt is not the one that was sealed');
  }
  if (!equalBytes(bodyHash(body), fields.bodyHash)) {
    fail('BODY_MISMATCH', 'the disclosed content is not what was sealed');
  }
  const content = openBody(key, fields.commitment, body, entry.subarray(0, ASSOCIATED_LENGTH));
  return content ?? fail('KEY_MISMATCH', 'the disclosed key is not the one that the record was sealed under');
}
