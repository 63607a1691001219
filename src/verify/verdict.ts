import type { ProblemCode } from '../errors.js';

/** One thing that is wrong. */
export interface Problem {
  /** The block's number: its index where that can be trusted, otherwise its place in the chain. */
  readonly block: number;
  /** The entry's position in the block, from 0; null where the whole block is meant. */
  readonly entry: number | null;
  readonly code: ProblemCode;
  /** For people; never a record's content. */
  readonly message: string;
}

/** Something that this verification could not establish, though nothing shows that it is wrong. */
export interface Notice {
  readonly block: number | null;
  readonly code:
    | 'TRUNCATION_POSSIBLE'
    | 'NOTHING_PINNED'
    | 'DATASET_INCOMPLETE'
    | 'HISTORY_UNCHECKED'
    | 'AUTHORITY_UNCHECKED'
    | 'CHECKPOINT_UNCHECKED'
    | 'SIGNATURES_UNCHECKED'
    | 'TAKEN_FROM_STATE'
    | 'BODIES_WITHHELD'
    | 'ERASE_PENDING'
    | 'REST_UNREAD'
    | 'INDEX_DAMAGED'
    | 'PROBLEMS_OMITTED';
  readonly message: string;
}

/** What a verification found. Its members are those of `medseal verify --json`. */
export interface Verdict {
  /** True where every rule of the format holds for every block. */
  readonly ok: boolean;
  /** True where a block of a newer format ended the verification before anything was found wrong. */
  readonly undecided: boolean;
  /** The ledger's id (the genesis block's hash), null where it could not be established. */
  readonly ledger: string | null;
  /** The owner now, null where it could not be established. */
  readonly owner: string | null;
  readonly blocks: number;
  /** Records in sound blocks, header rows not counted. */
  readonly records: number;
  readonly statements: number;
  /** Sealed records that an `erase` covers. */
  readonly erased: number;
  /** Sealed records that are not erased, and whose salts and bodies the export withholds. */
  readonly withheld: number;
  /** Hash of the newest block, null where it could not be established. */
  readonly head: string | null;
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
  /** Only of quick verification: the owner's block that vouches for the signatures of all before it. */
  readonly anchor?: number;
  /** Only where the verification went on from a saved state: the number of blocks that it took from there. */
  readonly since?: number;
}
