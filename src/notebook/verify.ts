import { loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import type { ProblemCode } from '../errors.js';
import { type ChainItem, hashOfItem, type NotebookBlock, type NotebookChain } from './chain.js';
import { signatureJudge } from './signature.js';
import { isProof } from './work.js';

/** What the notebook's rules find wrong. */
export interface ChainProblem {
  /** The block's place, from 1. */
  readonly block: number;
  readonly code: Extract<
    ProblemCode,
    'MALFORMED' | 'GENESIS_INVALID' | 'BLOCK_MISPLACED' | 'SIGNATURE_INVALID' | 'LINK_BROKEN' | 'WORK_INSUFFICIENT'
  >;
  readonly message: string;
}

export interface ChainVerdict {
  readonly ok: boolean;
  readonly blocks: number;
  readonly publicKey: PublicKey;
  /** Whether each block's signature is valid, in order. */
  readonly signatures: readonly boolean[];
  readonly problems: readonly ChainProblem[];
}

/** The notebook's rules under one public key. What follows from earlier verifications by them is kept. */
export type ChainRules = (items: readonly ChainItem[]) => ChainVerdict;

/**
 * Verifies a chain by the notebook's rules: every signature is one over "Authorised", every block names the hash of the
 * one before it and has a proof of work over both proofs, the first is a genesis block, and each stands at its index.
 * What these rules cannot find is shown by `undetectedChanges`.
 */
export async function verifyChain({ items }: NotebookChain, publicKey: PublicKey): Promise<ChainVerdict> {
  return (await chainRules(publicKey))(items);
}

export async function chainRules(publicKey: PublicKey): Promise<ChainRules> {
  const isSigned = signatureJudge(await loadCurve(), publicKey);
  return (items) => {
    const problems: ChainProblem[] = [];
    const signatures: boolean[] = [];
    for (const [place, item] of items.entries()) {
      const find = (code: ChainProblem['code'], message: string): void =>
        void problems.push({ block: place + 1, code, message });
      const signed = item.block !== null && isSigned(item.block.signature);
      signatures.push(signed);
      if (item.block === null) {
        find('MALFORMED', `this is no block of a notebook: ${item.fault}`);
        continue;
      }
      if (!signed) find('SIGNATURE_INVALID', 'the signature is not one over "Authorised" by this public key');
      if (item.block.index !== BigInt(place + 1)) {
        find('BLOCK_MISPLACED', `its index is ${item.block.index}, and it stands at place ${place + 1}`);
      }
      const before = items[place - 1];
      if (before === undefined) judgeGenesis(item.block, find);
      else judgeSuccessor(item.block, before, find);
    }
    return { ok: problems.length === 0, blocks: items.length, publicKey, signatures, problems };
  };
}

type Find = (code: ChainProblem['code'], message: string) => void;

function judgeGenesis({ proof, previous_hash, data }: NotebookBlock, find: Find): void {
  if (proof === 1n && previous_hash === '0' && data === 'Genesis Block') return;
  find('GENESIS_INVALID', 'the first block is not the genesis block that a notebook begins with');
}

function judgeSuccessor({ proof, previous_hash }: NotebookBlock, before: ChainItem, find: Find): void {
  if (previous_hash !== hashOfItem(before)) {
    find('LINK_BROKEN', 'its previous_hash is not the hash of the block before it');
  }
  if (before.block !== null && !isProof(proof, before.block.proof)) {
    find('WORK_INSUFFICIENT', 'the hash over its proof and the one before does not begin with 0000');
  }
}
