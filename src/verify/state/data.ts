import type { PublicKey } from '../../crypto/secp256k1.js';
import type { Rules } from '../../format/statement.js';
import type { Timestamp } from '../../format/timestamp.js';
import { type Bits, noBits } from './bits.js';
import { noRecords, type RecordIndex } from './record-index.js';

/** Who owns the ledger from a block on. */
export interface Ownership {
  readonly publicKey: PublicKey;
  /** The first block that this owner may sign. */
  readonly from: number;
  /** Whether it has signed one: only then it has taken the ledger on. */
  signed: boolean;
}

/** What a ledger's statements have said of one data set so far. */
export interface DatasetState {
  readonly id: string;
  /** Ids of the groups' keys that are in use, in the order of the groups. */
  keys: readonly string[];
  /** Who began it: it is continued by this key or by the owner. */
  readonly signer: PublicKey;
  /** The block of its `dataset` statement. */
  readonly block: number;
  /** The next entry's row, counted from the header row 0; null while a fault leaves it unknown. */
  nextRow: number | null;
  /** The next entry's group: 0 between rows. */
  nextGroup: number;
  /** `rows` of each `dataset-end`, in order: complete up to here. */
  readonly ends: number[];
}

/** A grant that stands: the latest of this key to this reader. */
export interface Holding {
  /** The block from which on the reader has held the key without a break. */
  readonly since: number;
  /** Where the latest grant stands. */
  readonly block: number;
  readonly entry: number;
  readonly expires: Timestamp | null;
}

interface Key {
  /** The block whose statement names it. */
  readonly block: number;
  /** The key that its data set or role has instead. */
  replacedBy: string | null;
  /** Who holds it by a grant that stands: people's keys, and roles' (whose members then hold it too). */
  readonly holders: Map<PublicKey, Holding>;
}

/** The key of one group of a data set. */
export interface GroupKeyState extends Key {
  readonly kind: 'group';
  readonly dataset: string;
  readonly group: number;
  /** Whether a revocation has ended its use. */
  closed: boolean;
}

/** The key pair of a role. */
export interface RoleKeyState extends Key {
  readonly kind: 'role';
  readonly role: string;
  /** Whether a revocation has closed all that can be reached with it; nothing can be granted to it any more. */
  swept: boolean;
}

export type KeyState = GroupKeyState | RoleKeyState;

export interface RoleState {
  readonly name: string;
  /** The key pair in use. Its members are the holders of that key. */
  readonly publicKey: PublicKey;
  /** The block since which it is. */
  readonly block: number;
}

/** The corrections within one data set. */
export interface Amendments {
  /** Rows with newer versions: which rows those are, the latest last. */
  readonly versions: Map<number, number[]>;
  /** Rows that are a newer version: of which row. */
  readonly originals: Map<number, number>;
}

/** Everything that a ledger's statements add up to: plain data, which can be kept and taken up again. */
export interface LedgerData {
  /** All owners in order; the last one owns it now, or from the next block on. */
  readonly owners: Ownership[];
  /** The least difficulty of any block. */
  difficulty: number;
  recovery: readonly PublicKey[];
  audit: boolean;
  logKey: { readonly publicKey: string; readonly block: number } | null;
  rules: Rules;
  /** All keys that a rule names. */
  readonly approvers: Set<PublicKey>;
  readonly writers: Set<PublicKey>;
  readonly datasets: Map<string, DatasetState>;
  /** Group keys by their key ids, and roles' by their public keys. */
  readonly keys: Map<string, KeyState>;
  readonly roles: Map<string, RoleState>;
  /** Which keys each reader holds by a grant that stands. */
  readonly held: Map<PublicKey, Set<string>>;
  /** Keys that are named in blocks up to this one are out of use. */
  closedUpTo: number;
  /** Ids of proposals and accesses so far. */
  readonly ids: Set<string>;
  /** By the id of the data set. */
  readonly amendments: Map<string, Amendments>;
  readonly recordIndex: RecordIndex;
  /** Serial numbers of the records that an `erase` covers, and of those whose salt or body is not there. */
  readonly erased: Bits;
  readonly saltless: Bits;
  readonly bodiless: Bits;
  /** Rows in accepted blocks, header rows not counted. */
  records: number;
  statements: number;
  /** Whether the statements of some block are unknown, who may sign being perhaps among them. */
  authorityUnknown: boolean;
  /** Whether a block had no effect that may have been meant to have one. */
  blocksLost: boolean;
}

export function emptyLedger(): LedgerData {
  return {
    owners: [],
    difficulty: 0,
    recovery: [],
    audit: false,
    logKey: null,
    rules: {},
    approvers: new Set(),
    writers: new Set(),
    datasets: new Map(),
    keys: new Map(),
    roles: new Map(),
    held: new Map(),
    closedUpTo: 0,
    ids: new Set(),
    amendments: new Map(),
    recordIndex: noRecords(),
    erased: noBits(),
    saltless: noBits(),
    bodiless: noBits(),
    records: 0,
    statements: 0,
    authorityUnknown: false,
    blocksLost: false,
  };
}

export function ownerOf({ owners }: LedgerData): PublicKey | null {
  return owners.at(-1)?.publicKey ?? null;
}
