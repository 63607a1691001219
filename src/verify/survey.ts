import { fromLatin1 } from '../bytes.js';
import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import type { BlockItem } from '../format/block.js';
import type { Timestamp } from '../format/timestamp.js';
import type { MerkleTree } from '../merkle/tree.js';
import { History } from './history.js';
import {
  type InspectedEntry,
  type Inspection,
  type InspectOptions,
  inspectBlock,
  NOTHING_MISSING,
  type Sound,
} from './inspect.js';

/**
 * What was found of some blocks, packed for the way from the thread that inspected them to the one that judges them.
 * Nearly all blocks are _plain_: sound, with nothing to say against them by themselves. Of these the texts stand one behind
 * the other and the numbers in one array, because many small objects cost more on the way than their blocks' verification.
 */
export interface Survey {
  /** Of each plain block its hash, `previous_hash`, `history_hash` and time: 216 bytes of ASCII. */
  readonly texts: Uint8Array;
  /**
   * Of each block how many entries it has, or −1 where it is not plain; of a plain one moreover index, place of the
   * signer, difficulty, and 1 where its `history_hash` is that of the tree that the surveyor had; and of each entry two
   * numbers: place of the key and row, or −1 and the place of the statement.
   */
  readonly numbers: Float64Array;
  readonly signers: readonly PublicKey[];
  readonly keys: readonly string[];
  readonly statements: readonly InspectedEntry[];
  /** Of the blocks that are not plain. */
  readonly others: readonly Inspection[];
  /** The edge of the surveyor's tree over all blocks before the last; null where it has none. */
  readonly edge: readonly Uint8Array[] | null;
}

/** A plain block, unpacked: what the rest of the ledger decides about it. */
export interface PlainBlock {
  readonly kind: 'plain';
  readonly hash: string;
  readonly previous_hash: string;
  readonly history_hash: string;
  readonly timestamp: Timestamp;
  readonly index: number;
  readonly signer: PublicKey;
  readonly difficulty: number;
  /**
   * Whether `history_hash` is that of a tree that has grown block by block since the survey's beginning. What it grew from
   * nobody has checked; but where it is right at one block of the survey, it is at those that follow it.
   */
  readonly fitsHistory: boolean;
  readonly entries: readonly InspectedEntry[];
}

const HASH = 64;
const TIME = 24;
const TEXTS = 3 * HASH + TIME;
const NOT_PLAIN = -1;
const STATEMENT = -1;

/**
 * Inspects blocks, as `inspectBlock` does each.
 * @param history the tree over all blocks before them, as far as anybody says; null where nobody does. It grows with them
 */
export function surveyBlocks(
  items: Iterable<BlockItem>,
  curve: Curve,
  options: InspectOptions,
  history: MerkleTree | null = null,
): Survey {
  const before = new Predecessors(history);
  const texts = new Texts();
  const numbers: number[] = [];
  const signers = new Numbering<PublicKey>();
  const keys = new Numbering<string>();
  const statements: InspectedEntry[] = [];
  const others: Inspection[] = [];
  for (const item of items) {
    const inspection = inspectBlock(item, curve, options);
    const fits = before.precede(inspection);
    if (!isPlain(inspection)) {
      numbers.push(NOT_PLAIN);
      others.push(withoutContent(inspection));
      continue;
    }
    const { hash, block, entries } = inspection;
    const { header } = block;
    texts.push(hash + header.previous_hash + header.history_hash + header.timestamp);
    numbers.push(entries.length, header.index, signers.placeOf(header.signer), header.difficulty, fits ? 1 : 0);
    for (const entry of entries) {
      if (entry.kind === 'sealed') numbers.push(keys.placeOf(entry.keyId), entry.row);
      else numbers.push(STATEMENT, statements.push(entry) - 1);
    }
  }
  return {
    texts: texts.bytes(),
    numbers: Float64Array.from(numbers),
    signers: signers.values,
    keys: keys.values,
    statements,
    others,
    edge: before.edge,
  };
}

/** The tree over the blocks before the one at hand, as far as anybody knows them. */
class Predecessors {
  readonly #history = new History();
  #newest: string | null = null;

  constructor(tree: MerkleTree | null) {
    if (tree === null) this.#history.lose();
    else this.#history.adopt(tree);
  }

  /** Takes the next block. Returns whether its `history_hash` is that of the blocks before it. */
  precede(inspection: Inspection): boolean {
    if (this.#newest !== null) this.#history.append(this.#newest);
    this.#newest = inspection.hash;
    const fits = inspection.kind === 'sound' && this.#history.fits(inspection.block.header);
    // What is behind a block of which nobody knows the hash is not known either.
    if (inspection.hash === null) this.#history.lose();
    return fits;
  }

  get edge(): readonly Uint8Array[] | null {
    return this.#history.tree?.edge ?? null;
  }
}

type PlainInspection = Sound & { readonly entries: readonly InspectedEntry[] };

function isPlain(inspection: Inspection): inspection is PlainInspection {
  if (inspection.kind !== 'sound' || inspection.fault !== null || inspection.entries === null) return false;
  // The genesis block's previous hash has another length, and much that is said of it is said of no other.
  const genesis = inspection.block.header.previous_hash.length !== HASH;
  const { bodyFaults, missing } = inspection;
  return !genesis && bodyFaults.length === 0 && missing.salts.length === 0 && missing.bodies.length === 0;
}

/** An inspection without the bytes of the block, which nobody judges twice. */
function withoutContent(inspection: Inspection): Inspection {
  if (inspection.kind !== 'sound') return inspection;
  const { header, proof } = inspection.block;
  return { ...inspection, block: { header, proof, signature: new Uint8Array(0), entries: [] } };
}

/** The blocks of a survey, in order. */
export function* blocksOf(survey: Survey): Generator<PlainBlock | Inspection> {
  const { numbers, signers, keys, statements, others } = survey;
  const texts = fromLatin1(survey.texts);
  let text = 0;
  let other = 0;
  for (let at = 0; at < numbers.length; ) {
    const count = numbers[at++] as number;
    if (count === NOT_PLAIN) {
      yield others[other++] as Inspection;
      continue;
    }
    const [index = 0, signer = 0, difficulty = 0] = [numbers[at++], numbers[at++], numbers[at++]];
    const fitsHistory = numbers[at++] === 1;
    const entries: InspectedEntry[] = [];
    for (let i = 0; i < count; i++, at += 2) {
      const [key, row] = [numbers[at], numbers[at + 1]] as [number, number];
      if (key === STATEMENT) entries.push(statements[row] as InspectedEntry);
      else entries.push({ kind: 'sealed', keyId: keys[key] as string, row });
    }
    yield {
      kind: 'plain',
      hash: texts.slice(text, text + HASH),
      previous_hash: texts.slice(text + HASH, text + 2 * HASH),
      history_hash: texts.slice(text + 2 * HASH, text + 3 * HASH),
      timestamp: texts.slice(text + 3 * HASH, text + TEXTS) as Timestamp,
      index,
      signer: signers[signer] as PublicKey,
      difficulty,
      fitsHistory,
      entries,
    };
    text += TEXTS;
  }
}

/** What `inspectBlock` has found of a plain block, but for what is in the block and judged by nobody. */
export function inspectionOf(block: PlainBlock): Sound {
  const { index, timestamp, previous_hash, history_hash, difficulty, signer, entries } = block;
  const unneeded = { version: 1, data_hash: '', data_size: entries.length } as const;
  const header = { ...unneeded, index, timestamp, previous_hash, history_hash, difficulty, signer };
  const whole = { header, proof: 0, signature: new Uint8Array(0), entries: [] };
  return {
    kind: 'sound',
    block: whole,
    hash: block.hash,
    entries,
    fault: null,
    bodyFaults: [],
    missing: NOTHING_MISSING,
  };
}

/** Numbers values in the order in which they come: there are few, and many blocks name them. */
class Numbering<T> {
  readonly values: T[] = [];
  readonly #places = new Map<T, number>();

  placeOf(value: T): number {
    if (value === this.values.at(-1)) return this.values.length - 1;
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    this.#places.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** So many characters are gathered before they become bytes. */
const GATHERED = 16 * TEXTS;

/**
 * ASCII texts, one behind the other. They soon become bytes: a text that is kept keeps all of the head that it was cut out
 * of, and to carry a few thousand heads from one collection of garbage to the next costs as much as to read them.
 */
class Texts {
  #bytes = new Uint8Array(4 * GATHERED);
  #length = 0;
  #gathered = '';

  push(text: string): void {
    this.#gathered += text;
    if (this.#gathered.length >= GATHERED) this.#encode();
  }

  /** All of them, in memory of their own. */
  bytes(): Uint8Array {
    this.#encode();
    return this.#bytes.slice(0, this.#length);
  }

  #encode(): void {
    const needed = this.#length + this.#gathered.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#length += encoder.encodeInto(this.#gathered, this.#bytes.subarray(this.#length)).written;
    this.#gathered = '';
  }
}

const encoder = new TextEncoder();
