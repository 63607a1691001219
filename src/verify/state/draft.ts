import type { Curve, PublicKey } from '../../crypto/secp256k1.js';
import type { ProblemCode } from '../../errors.js';
import type { Rules } from '../../format/statement.js';
import type { Timestamp } from '../../format/timestamp.js';
import type { Fault, InspectedEntry } from '../inspect.js';
import { type DatasetState, type KeyState, type LedgerData, ownerOf } from './data.js';
import { Journal } from './journal.js';

/** Where a block stands, and who says what is in it. */
export interface BlockPlace {
  readonly index: number;
  readonly timestamp: Timestamp;
  readonly signer: PublicKey;
  /** The ledger's id, null where it is not known. */
  readonly ledger: string | null;
}

/** What is wrong with an entry; null for nothing. */
export type Finding = Omit<Fault, 'entry'> | null;

export function finding(code: ProblemCode, message: string): Finding {
  return { code, message };
}

/** A key that a block names. */
export interface NamedKey {
  readonly key: string;
  readonly entry: number;
  /** The key whose place it takes. */
  readonly replaces: string | null;
}

/** A block while it is judged: what it has changed so far, and what is still to be seen to at its end. */
export class Draft {
  readonly data: LedgerData;
  readonly curve: Curve;
  readonly place: BlockPlace;
  readonly entries: readonly InspectedEntry[];
  readonly journal: Journal = new Journal();
  readonly signerIsOwner: boolean;
  readonly signerIsWriter: boolean;
  readonly signerIsApprover: boolean;
  /** The entry that is being judged. */
  position = 0;
  /** Whether it is said with the owner's right: by the owner, or with the approvals of those who may replace it. */
  asOwner: boolean;
  readonly named: NamedKey[] = [];
  /** Rows of records under keys that a lost block may have named: these may stand for any group of such a row. */
  readonly strangeRows: Set<number> = new Set();
  /** Grants that are good only where the block itself demands them. */
  readonly unapproved: { readonly key: string; readonly to: PublicKey; readonly entry: number }[] = [];
  readonly revoked: { readonly key: string; readonly entry: number }[] = [];
  /** Keys that go out of use because of them. */
  readonly swept: Set<KeyState> = new Set();
  /** What holds from the next block on. */
  nextOwner: PublicKey | null = null;
  nextRecovery: readonly PublicKey[] | null = null;
  nextRules: Rules | null = null;
  records = 0;
  statements = 0;
  #holdsAccessesOnly: boolean | null = null;
  #touched: DatasetState | null = null;
  #alsoTouched: Set<DatasetState> | null = null;

  constructor(data: LedgerData, curve: Curve, place: BlockPlace, entries: readonly InspectedEntry[]) {
    this.data = data;
    this.curve = curve;
    this.place = place;
    this.entries = entries;
    this.signerIsOwner = place.signer === ownerOf(data);
    this.signerIsWriter = data.writers.has(place.signer);
    this.signerIsApprover = data.approvers.has(place.signer);
    this.asOwner = this.signerIsOwner;
  }

  /** Whether what a lost block may have said is not demanded. */
  get lenient(): boolean {
    return this.data.blocksLost;
  }

  /** Whether the block holds nothing but what readers say of their reading. */
  get holdsAccessesOnly(): boolean {
    this.#holdsAccessesOnly ??= this.entries.every(
      (entry) => entry.kind === 'statement' && entry.statement.kind === 'access',
    );
    return this.#holdsAccessesOnly;
  }

  /** Whether the signer goes on with this data set: the writer who began it does, and the owner. */
  mayContinue(dataset: DatasetState): boolean {
    return this.asOwner || (this.signerIsWriter && dataset.signer === this.place.signer);
  }

  /** Takes note of how far the data set has come, before the block's first record of it. */
  touch(dataset: DatasetState): void {
    if (dataset === this.#touched || this.#alsoTouched?.has(dataset)) return;
    const { nextRow, nextGroup } = dataset;
    this.journal.note(() => {
      dataset.nextRow = nextRow;
      dataset.nextGroup = nextGroup;
    });
    if (this.#touched === null) this.#touched = dataset;
    else {
      this.#alsoTouched ??= new Set();
      this.#alsoTouched.add(dataset);
    }
  }

  *touched(): Generator<DatasetState> {
    if (this.#touched !== null) yield this.#touched;
    if (this.#alsoTouched !== null) yield* this.#alsoTouched;
  }
}
