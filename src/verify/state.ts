import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import type { ProblemCode } from '../errors.js';
import type {
  DatasetEndStatement,
  DatasetStatement,
  GrantStatement,
  LedgerStatement,
  Statement,
  WriterStatement,
} from '../format/statement.js';
import type { Fault, InspectedEntry } from './inspect.js';

/** What a ledger's statements have said of one data set so far. */
export interface DatasetState {
  readonly id: string;
  /** Ids of the groups' keys, in the order of the groups. */
  readonly keys: readonly string[];
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

/** A grant as the ledger holds it. */
export interface GrantState {
  readonly block: number;
  readonly statement: GrantStatement;
}

/** Whether a key may sign a block: 'unknown' where a block that might have said so could not be read. */
export type Authority = 'yes' | 'no' | 'unknown';

/**
 * What a ledger's statements add up to: who may sign, which data sets there are and how far they have come. A block
 * takes effect whole or not at all.
 */
export class LedgerState {
  readonly #curve: Curve;
  owner: PublicKey | null = null;
  /** The least difficulty of any block. */
  difficulty = 0;
  recovery: readonly PublicKey[] = [];
  audit = false;
  readonly writers: Set<PublicKey> = new Set();
  readonly datasets: Map<string, DatasetState> = new Map();
  /** Which data set and group a group key belongs to. */
  readonly keys: Map<string, { dataset: string; group: number }> = new Map();
  readonly grants: GrantState[] = [];
  records = 0;
  statements = 0;
  /** Whether the statements of some block are unknown, who may sign being perhaps among them. */
  #authorityUnknown = false;
  /** Whether data sets may have begun in a block that is not known. */
  #datasetsUnknown = false;

  constructor(curve: Curve) {
    this.#curve = curve;
  }

  /**
   * Takes note that a block had no effect, so that its absence is not reported again as a fault of what follows.
   * @param content 'unknown' where nobody knows what it said
   */
  blockWasLost(content: 'known' | 'unknown'): void {
    this.#datasetsUnknown = true;
    if (content === 'unknown') this.#authorityUnknown = true;
    for (const dataset of this.datasets.values()) {
      dataset.nextRow = null;
      dataset.nextGroup = 0;
    }
  }

  authorityOf(signer: PublicKey): Authority {
    if (signer === this.owner || this.writers.has(signer)) return 'yes';
    return this.#authorityUnknown ? 'unknown' : 'no';
  }

  /** Applies a block that is good so far. Where what it says breaks a rule, says which, and nothing is changed. */
  apply(index: number, signer: PublicKey, entries: readonly InspectedEntry[]): Fault | null {
    const draft = new Draft(this, this.#curve, index, signer, this.#datasetsUnknown);
    for (const [position, entry] of entries.entries()) {
      const fault = draft.take(entry, position);
      if (fault !== null) return { entry: position, ...fault };
    }
    const fault = draft.close();
    if (fault !== null) return fault;
    draft.commit();
    return null;
  }
}

type Finding = Omit<Fault, 'entry'> | null;

function finding(code: ProblemCode, message: string): Finding {
  return { code, message };
}

/** The effects of one block while it is judged. */
class Draft {
  readonly #state: LedgerState;
  readonly #curve: Curve;
  readonly #index: number;
  readonly #signer: PublicKey;
  readonly #lenient: boolean;
  #genesis: LedgerStatement | null = null;
  readonly #touched = new Map<string, DatasetState>();
  readonly #begun: { id: string; entry: number }[] = [];
  readonly #keys = new Map<string, { dataset: string; group: number }>();
  readonly #grants: GrantState[] = [];
  readonly #ends: { id: string; rows: number }[] = [];
  readonly #writers = new Map<PublicKey, boolean>();
  #records = 0;
  #statements = 0;
  #position = 0;

  constructor(state: LedgerState, curve: Curve, index: number, signer: PublicKey, lenient: boolean) {
    this.#state = state;
    this.#curve = curve;
    this.#index = index;
    this.#signer = signer;
    this.#lenient = lenient;
  }

  take(entry: InspectedEntry, position: number): Finding {
    this.#position = position;
    if (this.#index === 1) {
      const first = entry.kind === 'statement' && entry.statement.kind === 'ledger';
      if (first !== (position === 0)) {
        return finding('GENESIS_INVALID', 'the genesis block does not begin with its only "ledger" statement');
      }
      if (entry.kind === 'sealed' || entry.statement.kind === 'dataset') {
        return finding('GENESIS_INVALID', 'the genesis block holds records');
      }
    }
    if (entry.kind === 'sealed') return this.#record(entry.keyId, entry.row);
    this.#statements++;
    return this.#statement(entry.statement);
  }

  #statement(statement: Statement): Finding {
    switch (statement.kind) {
      case 'ledger':
        return this.#ledger(statement as LedgerStatement);
      case 'dataset':
        return this.#dataset(statement as DatasetStatement);
      case 'dataset-end':
        return this.#datasetEnd(statement as DatasetEndStatement);
      case 'grant':
        return this.#grant(statement as GrantStatement);
      case 'writer':
      case 'writer-removed':
        return this.#writer(statement as WriterStatement);
      default:
        // info-…: whoever may sign a block may say it, and it changes nothing.
        return null;
    }
  }

  #ledger(statement: LedgerStatement): Finding {
    if (this.#index !== 1) return finding('GENESIS_INVALID', 'only the genesis block may say "ledger"');
    if (![statement.owner, ...statement.recovery].every((key) => this.#curve.isPublicKey(key))) {
      return finding('PUBLIC_KEY_INVALID', 'the "ledger" statement names a public key that is not on the curve');
    }
    if (statement.owner !== this.#signer) {
      return finding('SIGNER_UNAUTHORISED', 'the genesis block is not signed by the owner that it names');
    }
    this.#genesis = statement;
    return null;
  }

  #dataset({ id, keys }: DatasetStatement): Finding {
    if (this.#datasetOf(id) !== undefined) return finding('ID_REPEATED', "the data set's id is not new in this ledger");
    for (const [group, key] of keys.entries()) {
      if (this.#keyOf(key) !== undefined) return finding('ID_REPEATED', 'a key id is not new in this ledger');
      this.#keys.set(key, { dataset: id, group });
    }
    const block = this.#index;
    const dataset = { id, keys, signer: this.#signer, block, nextRow: 0, nextGroup: 0, ends: [] };
    this.#touched.set(id, dataset);
    this.#begun.push({ id, entry: this.#position });
    return null;
  }

  #datasetEnd({ id, rows }: DatasetEndStatement): Finding {
    const dataset = this.#touch(id);
    if (dataset === undefined) {
      return this.#lenient ? null : finding('DATASET_UNKNOWN', 'the data set that ends here has not begun');
    }
    if (!this.#mayContinue(dataset)) return finding('STATEMENT_UNAUTHORISED', 'the signer may not end this data set');
    if (dataset.nextGroup !== 0) return finding('ROWS_WRONG', 'the data set ends in the middle of a row');
    if (dataset.nextRow !== null && dataset.nextRow !== rows + 1) {
      return finding('ROWS_WRONG', 'the data set has another number of rows than its end says');
    }
    this.#ends.push({ id, rows });
    return null;
  }

  #grant(statement: GrantStatement): Finding {
    if (!this.#curve.isPublicKey(statement.to)) {
      return finding('PUBLIC_KEY_INVALID', 'the grant is to a public key that is not on the curve');
    }
    const key = this.#keyOf(statement.key_id);
    const dataset = key && this.#datasetOf(key.dataset);
    if (dataset === undefined) {
      return this.#lenient ? null : finding('KEY_UNKNOWN', 'the grant is of a key that no data set of this ledger has');
    }
    if (!this.#mayContinue(dataset)) return finding('STATEMENT_UNAUTHORISED', 'the signer may not grant this key');
    this.#grants.push({ block: this.#index, statement });
    return null;
  }

  #writer({ kind, public_key }: WriterStatement): Finding {
    if (!this.#byOwner()) return finding('STATEMENT_UNAUTHORISED', 'only the owner names and removes writers');
    if (!this.#curve.isPublicKey(public_key)) {
      return finding('PUBLIC_KEY_INVALID', "the writer's public key is not on the curve");
    }
    const adding = kind === 'writer';
    const owner = this.#genesis?.owner ?? this.#state.owner;
    const isWriter = this.#writers.get(public_key) ?? this.#state.writers.has(public_key);
    if (!this.#lenient && (adding === isWriter || public_key === owner)) {
      const message = adding ? 'the key may sign already' : 'the key that is removed is no writer';
      return finding('WRITER_INVALID', message);
    }
    this.#writers.set(public_key, adding);
    return null;
  }

  #record(keyId: string, row: number): Finding {
    const key = this.#keyOf(keyId);
    const dataset = key && this.#touch(key.dataset);
    if (dataset === undefined || key === undefined) {
      return this.#lenient
        ? null
        : finding('KEY_UNKNOWN', 'the record is sealed under a key that no data set here has');
    }
    if (!this.#mayContinue(dataset)) {
      return finding('STATEMENT_UNAUTHORISED', 'the signer may not add records to this data set');
    }
    // After a fault the count goes on from the first row that is seen.
    dataset.nextRow ??= row;
    if (row !== dataset.nextRow || key.group !== dataset.nextGroup) {
      return finding('ROW_UNEXPECTED', 'the record is not the next of its data set: one is missing, doubled or moved');
    }
    if (row > 0 && key.group === 0) this.#records++;
    dataset.nextGroup++;
    if (dataset.nextGroup === dataset.keys.length) {
      dataset.nextGroup = 0;
      dataset.nextRow++;
    }
    return null;
  }

  /** The rules that a whole block must keep. */
  close(): Fault | null {
    for (const dataset of this.#touched.values()) {
      if (dataset.nextGroup !== 0) {
        return { entry: null, code: 'ROW_INCOMPLETE', message: "a row's groups are not all in this block" };
      }
    }
    const granted = new Set(this.#grants.map(({ statement }) => `${statement.key_id} ${statement.to}`));
    const { owner, recovery } = this.#state;
    const readers = new Set([...(owner === null ? [] : [owner]), this.#signer, ...recovery]);
    for (const { id, entry } of this.#begun) {
      for (const key of this.#touched.get(id)?.keys ?? []) {
        for (const reader of readers) {
          if (granted.has(`${key} ${reader}`)) continue;
          const message = "the data set's key is not granted to the owner, its signer and every recovery key";
          return { entry, code: 'GRANT_MISSING', message };
        }
      }
    }
    return null;
  }

  commit(): void {
    const state = this.#state;
    if (this.#genesis !== null) {
      state.owner = this.#genesis.owner;
      state.difficulty = this.#genesis.difficulty;
      state.recovery = this.#genesis.recovery;
      state.audit = this.#genesis.audit;
    }
    for (const [id, dataset] of this.#touched) state.datasets.set(id, dataset);
    for (const { id, rows } of this.#ends) state.datasets.get(id)?.ends.push(rows);
    for (const [id, key] of this.#keys) state.keys.set(id, key);
    for (const [key, added] of this.#writers) {
      if (added) state.writers.add(key);
      else state.writers.delete(key);
    }
    state.grants.push(...this.#grants);
    state.records += this.#records;
    state.statements += this.#statements;
  }

  #byOwner(): boolean {
    return this.#signer === (this.#genesis?.owner ?? this.#state.owner);
  }

  #mayContinue(dataset: DatasetState): boolean {
    return dataset.signer === this.#signer || this.#byOwner();
  }

  #keyOf(keyId: string): { dataset: string; group: number } | undefined {
    return this.#keys.get(keyId) ?? this.#state.keys.get(keyId);
  }

  #datasetOf(id: string): DatasetState | undefined {
    return this.#touched.get(id) ?? this.#state.datasets.get(id);
  }

  /** The data set as this block changes it: a copy, so that a bad block changes nothing. */
  #touch(id: string): DatasetState | undefined {
    const touched = this.#touched.get(id);
    if (touched !== undefined) return touched;
    const known = this.#state.datasets.get(id);
    if (known === undefined) return undefined;
    const copy = { ...known };
    this.#touched.set(id, copy);
    return copy;
  }
}
