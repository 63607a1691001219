/** `medseal/verify`: the verifier alone, the same in Node.js and in a browser. */
export type { PublicKey } from '../crypto/secp256k1.js';
export { MedsealError, type ProblemCode } from '../errors.js';
export type { Block, BlockItem, Unreadable } from '../format/block.js';
export { type Checkpoint, parseCheckpoint } from '../format/checkpoint.js';
export { decodeExport } from '../format/exchange.js';
export {
  type ProofVerdict,
  type ProvenRecord,
  type VerifyProofOptions,
  verifyProof,
} from '../proof/verify-proof.js';
export { verifyBlocks } from './judging.js';
export type { BlockReport, VerifyOptions } from './options.js';
export type { Notice, Problem, Verdict } from './verdict.js';
