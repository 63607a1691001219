import { createKeyring, type GrantSource, type Keyring } from '../access/keyring.js';
import { fromHex, toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import type { GroupKey } from '../crypto/sealing.js';
import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { type Block, type BlockItem, isReadable } from '../format/block.js';
import { sealedFields } from '../format/entry.js';
import { hashOf } from '../format/header.js';
import {
  type DatasetKeysStatement,
  type DatasetStatement,
  type GrantStatement,
  parseStatement,
  type Statement,
} from '../format/statement.js';
import { timestampOf } from '../format/timestamp.js';
import { type Ledger, readableBlocks } from '../ledger/ledger.js';
import { STATEMENTS_TAG } from '../ledger/stored.js';
import { inspectContent } from '../verify/inspect.js';
import { judgeBlocks } from '../verify/judging.js';
import { type Amendments, LedgerState } from '../verify/state.js';
import type { Verifier } from '../verify/verifier.js';
import { AcceptedBlocks } from './accepted.js';
import { type GroupInfo, type View, viewOf, withAccess } from './group-info.js';
import { decodeManifest, type Manifest } from './manifest.js';
import { openWith } from './records.js';

/** A data set as the ledger's statements describe it, and what a key that was given opens of it. */
export interface DatasetInfo extends View {
  readonly id: string;
  /** Null without a key that opens it. */
  readonly name: string | null;
  /** Its column groups; where some have been chosen, these. */
  readonly groups: readonly GroupInfo[];
  /** How many column groups it has. */
  readonly groupCount: number;
  /** The block of its `dataset` statement. */
  readonly block: number;
  /** The number of the newest row: how many have been sealed, the header row not counted and every version of a row counted. */
  readonly rows: number;
  /** Which rows have been corrected, and which are the corrected versions. */
  readonly amendments: Amendments;
  /** Whether the newest row is covered by a `dataset-end`. */
  readonly complete: boolean;
  /** Whether the given identity holds a grant for it, or a role whose member it is. */
  readonly granted: boolean;
}

/** What a walk over the statements finds. */
export interface Directory {
  /** The ledger's id (hex), null where the genesis block cannot be read. */
  readonly ledger: string | null;
  readonly owner: string | null;
  readonly blocks: number;
  readonly newest: string | null;
  readonly head: string | null;
  /** Whether reading is recorded (spec/ledger.md, "Accesses"). */
  readonly audit: boolean;
  /** Whether blocks are plainly missing or unreadable, so that data sets may be missing from the list. */
  readonly damaged: boolean;
  readonly datasets: readonly DatasetInfo[];
}

interface FoundGroup {
  readonly keyIds: string[];
  /** Where its row 0 lies: the block's number, and the place in which that is stored. */
  rowZero: { position: number; block: number; entry: number } | null;
}

interface Found {
  readonly id: string;
  readonly groups: readonly FoundGroup[];
  readonly block: number;
  rows: number;
  endRows: number | null;
}

/**
 * Lists what a ledger holds, from its statements. It verifies nothing: what it says is what the file says.
 * @param identity opens names and manifests of the data sets that are granted to it
 */
export async function listDatasets(ledger: Ledger, identity?: Identity): Promise<Directory> {
  return listFrom(ledger, ledger.numbered({ bodies: false }), identity);
}

/**
 * Lists what a ledger holds, from the blocks alone that its store has marked as holding statements: so it takes no longer
 * with more records. It verifies nothing; whoever keeps the store can leave some out. Rows are not counted.
 * @returns also what the statements add up to
 */
export function listMarked(ledger: Ledger, identity: Identity): Promise<Directory & { readonly state: LedgerState }> {
  return listFrom(ledger, markedBlocks(ledger), identity);
}

async function* markedBlocks(ledger: Ledger): AsyncGenerator<NumberedBlock> {
  let last = 0;
  for await (const { position } of ledger.places(STATEMENTS_TAG)) {
    if (position > last) yield* ledger.numbered({ from: position, to: position, bodies: false });
    last = position;
  }
}

interface NumberedBlock {
  readonly position: number;
  readonly item: BlockItem;
}

async function listFrom(
  ledger: Ledger,
  numbered: AsyncIterable<NumberedBlock>,
  identity: Identity | undefined,
): Promise<Directory & { readonly state: LedgerState }> {
  const curve = await loadCurve();
  const walk = new Walk();
  const state = new LedgerState(curve);
  for await (const { position, item } of numbered) {
    if (!isReadable(item)) continue;
    const { index, timestamp, signer } = item.header;
    // What the blocks between have said of records is not known.
    if (index !== (walk.newest?.header.index ?? 0) + 1) state.blockWasLost('known');
    walk.take(item, position);
    const { entries } = inspectContent(item, curve, { bodies: false });
    const place = { index, timestamp, signer, ledger: walk.id };
    // The genesis block signs in its own name.
    if (index === 1) state.begin(signer);
    // Who may read what is told by what fits together; the rest is the verifier's business.
    if (entries === null || state.apply(place, entries) !== null) state.blockWasLost('unknown');
  }
  const blocks = await ledger.size();
  const damaged = walk.readable !== blocks || (walk.newest !== null && walk.newest.header.index !== blocks);
  const told = { blocks, damaged, id: walk.id, owner: walk.owner, state };
  return { ...(await directoryOf(ledger, walk, told, identity)), state };
}

/**
 * Lists what a ledger holds, from blocks that verify: nobody but its signers has a say in it.
 * @param verifier a fresh one, without bodies
 * @returns also which blocks the verifier has accepted, and what their statements add up to
 */
export async function listVerified(
  ledger: Ledger,
  verifier: Verifier,
  identity: Identity,
): Promise<Directory & { readonly accepted: AcceptedBlocks; readonly state: LedgerState }> {
  const walk = new Walk();
  const accepted = new AcceptedBlocks();
  const blocks = await ledger.size();
  // Blocks that were slipped in move the others to positions that are not their numbers.
  const positions = new WeakMap<BlockItem, number>();
  async function* items(): AsyncGenerator<BlockItem> {
    for await (const { position, item } of ledger.numbered({ to: blocks, bodies: false })) {
      positions.set(item, position);
      yield item;
    }
  }
  for await (const { item, report } of judgeBlocks(verifier, items())) {
    accepted.add(report.accepted?.hash ?? null);
    if (report.accepted !== null) walk.take(report.accepted.block, positions.get(item) ?? report.number);
  }
  const { problems, ledger: id, owner } = verifier.finish();
  const told = { blocks, damaged: problems.length > 0, id, owner, state: verifier.state };
  return { ...(await directoryOf(ledger, walk, told, identity)), accepted, state: verifier.state };
}

/** What is known of a ledger as a whole. */
interface Told {
  readonly blocks: number;
  readonly damaged: boolean;
  readonly id: string | null;
  readonly owner: string | null;
  readonly state: LedgerState;
}

async function directoryOf(
  ledger: Ledger,
  walk: Walk,
  { blocks, damaged, id, owner, state }: Told,
  identity: Identity | undefined,
): Promise<Directory> {
  const ledgerId = id === null ? null : fromHex(id, 32);
  const now = timestampOf(ledger.clock());
  const keyring =
    identity === undefined || ledgerId === null
      ? null
      : createKeyring(ledgerId, state, grantsIn(ledger, walk.grantBlocks), identity, now);
  const infos: DatasetInfo[] = [];
  for (const found of walk.datasets.values()) infos.push(await describe(ledger, found, state, keyring));
  const { newest } = walk;
  const [time, head] = newest === null ? [null, null] : [newest.header.timestamp, hashOf(newest)];
  return { ledger: id, owner, blocks, newest: time, head, audit: state.audit, damaged, datasets: infos };
}

/** Grants by the numbers of their blocks, which need not be where those are stored. */
function grantsIn(ledger: Ledger, positions: ReadonlyMap<number, number>): GrantSource {
  return async ({ block, entry }) => {
    const position = positions.get(block);
    if (position === undefined) return null;
    for await (const { entries } of readableBlocks(ledger, { from: position, to: position, bodies: false })) {
      const found = entries[entry];
      const statement = found?.kind === 'statement' ? statementOf(found.bytes) : null;
      if (statement?.kind === 'grant') return statement as GrantStatement;
    }
    return null;
  };
}

/** What the statements say, block by block. */
class Walk {
  readonly datasets = new Map<string, Found>();
  /** Where blocks with grants are stored, by their numbers. */
  readonly grantBlocks = new Map<number, number>();
  /** Data sets and their groups by their keys. */
  readonly #byKey = new Map<string, { readonly dataset: Found; readonly group: FoundGroup }>();
  id: string | null = null;
  owner: string | null = null;
  newest: Block | null = null;
  readable = 0;

  /** @param position where the block is stored */
  take(block: Block, position: number): void {
    const { header, entries } = block;
    this.newest = block;
    this.readable++;
    if (header.index === 1) this.id = hashOf(block);
    // Where the genesis block is lost, the next one names it.
    if (header.index === 2) this.id ??= header.previous_hash;
    for (const [place, entry] of entries.entries()) {
      if (entry.kind === 'sealed') {
        const { keyId, row } = sealedFields(entry.bytes);
        const found = this.#byKey.get(toHex(keyId));
        if (found === undefined) continue;
        found.dataset.rows = Math.max(found.dataset.rows, row);
        if (row === 0) found.group.rowZero ??= { position, block: header.index, entry: place };
        continue;
      }
      const statement = statementOf(entry.bytes);
      if (statement?.kind === 'ledger') this.owner ??= String(statement.owner);
      if (statement?.kind === 'grant') this.grantBlocks.set(header.index, position);
      if (statement !== null) this.#note(statement, header.index);
    }
  }

  #note(statement: Statement, block: number): void {
    if (statement.kind === 'dataset' && !this.datasets.has(statement.id)) {
      const groups = statement.keys.map(() => ({ keyIds: [], rowZero: null }));
      this.datasets.set(statement.id, { id: statement.id, groups, block, rows: 0, endRows: null });
      this.#addKeys(statement);
    } else if (statement.kind === 'dataset-keys') {
      this.#addKeys(statement);
    } else if (statement.kind === 'dataset-end') {
      const found = this.datasets.get(statement.id);
      if (found !== undefined) found.endRows = statement.rows;
    }
  }

  #addKeys({ id, keys }: DatasetStatement | DatasetKeysStatement): void {
    const dataset = this.datasets.get(id);
    for (const [number, key] of keys.entries()) {
      const group = dataset?.groups[number];
      if (dataset === undefined || group === undefined || this.#byKey.has(key)) continue;
      group.keyIds.push(key);
      this.#byKey.set(key, { dataset, group });
    }
  }
}

function statementOf(bytes: Uint8Array): Statement | null {
  try {
    return parseStatement(bytes);
  } catch (error) {
    if (error instanceof MedsealError) return null;
    throw error;
  }
}

const NONE_AMENDED: Amendments = { versions: new Map(), originals: new Map() };

async function describe(
  ledger: Ledger,
  found: Found,
  state: LedgerState,
  keyring: Keyring | null,
): Promise<DatasetInfo> {
  const parts: Omit<GroupInfo, 'access'>[] = [];
  for (const [number, group] of found.groups.entries()) {
    const keys = await keysOf(group, keyring);
    const zero = await rowZeroOf(ledger, group, keys);
    const { keyIds, rowZero } = group;
    parts.push({
      number,
      keyIds,
      keys,
      manifest: zero?.manifest ?? null,
      header: zero?.header ?? null,
      headerPlace: rowZero && { ...rowZero, isErased: state.isErased(rowZero.block, rowZero.entry) },
    });
  }
  const groups = withAccess(parts, parts.length);
  const view = viewOf(groups, groups.length);
  const ids = found.groups.flatMap(({ keyIds }) => keyIds);
  const reader = keyring?.identity.publicKey;
  return {
    ...view,
    id: found.id,
    name: view.manifest?.name ?? null,
    groups,
    groupCount: groups.length,
    block: found.block,
    rows: found.rows,
    amendments: state.data.amendments.get(found.id) ?? NONE_AMENDED,
    complete: found.endRows === found.rows && found.groups.every(({ rowZero }) => rowZero !== null),
    granted:
      view.keys.size > 0 ||
      (reader !== undefined && ids.some((id) => state.keys.get(id)?.holders.has(reader) === true)),
  };
}

/** Those of a group's keys that are held. */
async function keysOf({ keyIds }: FoundGroup, keyring: Keyring | null): Promise<Map<string, GroupKey>> {
  const keys = new Map<string, GroupKey>();
  for (const id of keyIds) {
    const key = (await keyring?.groupKey(id)) ?? null;
    if (key !== null) keys.set(id, key);
  }
  return keys;
}

async function rowZeroOf(
  ledger: Ledger,
  { rowZero }: FoundGroup,
  keys: ReadonlyMap<string, GroupKey>,
): Promise<{ manifest: Manifest; header: Uint8Array } | null> {
  if (rowZero === null || keys.size === 0) return null;
  for await (const block of readableBlocks(ledger, { from: rowZero.position, to: rowZero.position })) {
    const entry = block.entries[rowZero.entry];
    const content = entry?.kind === 'sealed' ? openWith(keys, entry) : null;
    return content === null ? null : readManifest(content);
  }
  return null;
}

/** Null for a manifest that cannot be read: it must not hide the other data sets. */
function readManifest(content: Uint8Array): ReturnType<typeof decodeManifest> | null {
  try {
    return decodeManifest(content);
  } catch (error) {
    if (error instanceof MedsealError) return null;
    throw error;
  }
}
