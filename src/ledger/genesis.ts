import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import type { Block } from '../format/block.js';
import { NO_PREVIOUS } from '../format/header.js';
import { encodeStatement, type LedgerStatement } from '../format/statement.js';
import { timestampOf } from '../format/timestamp.js';
import { treeHash } from '../merkle/tree.js';
import { DEFAULT_DIFFICULTY, MAX_DIFFICULTY } from '../work/proof-of-work.js';
import { composeBlock } from './compose.js';
import type { Surroundings } from './ledger.js';

/** What is fixed once for the whole ledger. */
export interface LedgerTerms {
  /** The least difficulty of any block, in leading zero bits of its proof of work: 0 … 48, 16 by default. */
  readonly difficulty?: number;
  /** Public keys to which every group key will be granted, so that a lost owner key does not lose the records. */
  readonly recovery?: readonly string[];
  /** Whether reading is to be recorded. Default false. */
  readonly audit?: boolean;
}

/** @throws {MedsealError} `ARGUMENT_INVALID` */
export async function genesisBlock(
  owner: Identity,
  terms: LedgerTerms,
  { clock, random, miner }: Required<Surroundings>,
  signal: AbortSignal | undefined,
): Promise<Block> {
  const { difficulty = DEFAULT_DIFFICULTY, recovery = [], audit = false } = terms;
  if (!Number.isInteger(difficulty) || difficulty < 0 || difficulty > MAX_DIFFICULTY) {
    throw new MedsealError(
      'ARGUMENT_INVALID',
      `the difficulty must be a whole number of bits from 0 to ${MAX_DIFFICULTY}`,
    );
  }
  const statement: LedgerStatement = {
    kind: 'ledger',
    owner: owner.publicKey,
    difficulty,
    nonce: toHex(random(16)),
    rules: {},
    recovery: await recoveryKeys(recovery),
    audit,
  };
  const place = {
    index: 1,
    timestamp: timestampOf(clock()),
    previous_hash: NO_PREVIOUS,
    history_hash: toHex(treeHash([])),
    difficulty,
  };
  const entries = [{ kind: 'statement', bytes: encodeStatement(statement) } as const];
  return composeBlock(place, entries, owner, miner, signal);
}

async function recoveryKeys(texts: readonly string[]): Promise<PublicKey[]> {
  const curve = await loadCurve();
  const keys = [...new Set(texts)].filter((text): text is PublicKey => curve.isPublicKey(text));
  if (keys.length !== texts.length) {
    throw new MedsealError(
      'ARGUMENT_INVALID',
      'a recovery key is given twice, or is no public key: 66 hex characters, as "medseal key show" prints it',
    );
  }
  return keys;
}
