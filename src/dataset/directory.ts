import { createKeyring, expiredAt, type GrantSource, isExpired, type Keyring } from '../access/keyring.js';
import { fromHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import type { GroupKey } from '../crypto/sealing.js';
import { loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { isReadable } from '../format/block.js';
import { type BlockHead, hashOf } from '../format/header.js';
import type { EraseStatement, GrantStatement } from '../format/statement.js';
import { type Timestamp, timestampOf } from '../format/timestamp.js';
import { type JudgeOptions, judgeLedger } from '../ledger/judged.js';
import { type Ledger, readableBlocks } from '../ledger/ledger.js';
import { type NumberedBlock, statementBlocks } from '../ledger/statement-blocks.js';
import { inspectBodies, inspectContent } from '../verify/inspect.js';
import { type Amendments, LedgerState } from '../verify/state.js';
import type { Verifier } from '../verify/verifier.js';
import { AcceptedBlocks } from './accepted.js';
import { type GroupInfo, type View, viewOf, withAccess } from './group-info.js';
import { decodeManifest, type Manifest } from './manifest.js';
import { openWith } from './records.js';
import { type Found, type FoundGroup, statementOf, told, Walk } from './walk.js';

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
  /** Where blocks are stored that hold corrected versions, by the rows of these; whatever is not here must be searched. */
  readonly versionPlaces: ReadonlyMap<number, number>;
  /** Whether the newest row is covered by a `dataset-end`. */
  readonly complete: boolean;
  /** Whether the given identity holds a grant for it, or a role whose member it is. */
  readonly granted: boolean;
  /** Whether the given identity is a recovery key of the ledger. */
  readonly recovers: boolean;
}

/** Whether a data set was erased as a whole: its header row goes with its last rows only. */
export function isWhollyErased({ manifest, groups }: DatasetInfo): boolean {
  return manifest === null && groups.every(({ headerPlace }) => headerPlace?.isErased);
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

/** A directory of which nothing has been verified. */
export interface ListedDirectory extends Directory {
  /** What the statements add up to. */
  readonly state: LedgerState;
  readonly erasures: readonly EraseStatement[];
}

/**
 * Lists what a ledger holds, from its statements. It verifies nothing: what it says is what the file says.
 * @param identity opens names and manifests of the data sets that are granted to it
 */
export async function listDatasets(ledger: Ledger, identity?: Identity): Promise<ListedDirectory> {
  return listFrom(ledger, ledger.numbered({ bodies: false }), identity);
}

/**
 * Lists what a ledger holds, from the blocks alone that its store has marked as holding statements: so it takes no longer
 * with more records. It verifies nothing; whoever keeps the store can leave some out. Rows are not counted.
 */
export function listMarked(ledger: Ledger, identity: Identity): Promise<ListedDirectory> {
  return listFrom(ledger, statementBlocks(ledger), identity);
}

async function listFrom(
  ledger: Ledger,
  numbered: AsyncIterable<NumberedBlock>,
  identity: Identity | undefined,
): Promise<ListedDirectory> {
  const curve = await loadCurve();
  const walk = new Walk();
  const state = new LedgerState(curve);
  const erasures: EraseStatement[] = [];
  let id: string | null = null;
  let newest: BlockHead | null = null;
  let readable = 0;
  for await (const { position, item } of numbered) {
    if (!isReadable(item)) continue;
    const { index, timestamp, signer } = item.header;
    // What the blocks between have said of records is not known.
    if (index !== (newest?.header.index ?? 0) + 1) state.blockWasLost('known');
    newest = item;
    readable++;
    if (index === 1) id = hashOf(item);
    // Where the genesis block is lost, the next one names it.
    if (index === 2) id ??= item.header.previous_hash;
    const { entries } = inspectContent(item, curve, { bodies: false });
    walk.take(index, entries ?? told(item), position);
    for (const entry of entries ?? []) {
      if (entry.kind === 'statement' && entry.statement.kind === 'erase')
        erasures.push(entry.statement as EraseStatement);
    }
    const place = { index, timestamp, signer, ledger: id };
    // The genesis block signs in its own name.
    if (index === 1) state.begin(signer);
    // Who may read what is told by what fits together; the rest is the verifier's business.
    if (entries === null || state.apply(place, entries) !== null) state.blockWasLost('unknown');
  }
  const blocks = await ledger.size();
  const damaged = readable !== blocks || (newest !== null && newest.header.index !== blocks);
  const known = {
    blocks,
    damaged,
    id,
    owner: walk.owner,
    state,
    newest: newest && { header: newest.header, hash: hashOf(newest) },
  };
  return { ...(await directoryOf(ledger, walk, known, identity)), state, erasures };
}

/** What a ledger holds whose chain has been verified, without the records' content. */
export interface VerifiedDirectory extends Directory {
  /** The blocks that the verifier has accepted. */
  readonly accepted: AcceptedBlocks;
  /** What their statements add up to. */
  readonly state: LedgerState;
}

/**
 * Lists what a ledger holds, from blocks that verify: nobody but its signers has a say in it.
 * @param verifier a fresh one, without bodies
 * @throws {MedsealError} what `judgeLedger` throws
 */
export async function listVerified(
  ledger: Ledger,
  verifier: Verifier,
  identity: Identity,
  options: JudgeOptions = {},
): Promise<VerifiedDirectory> {
  const walk = new Walk();
  const accepted = new AcceptedBlocks();
  const blocks = await ledger.size();
  let newest: Told['newest'] = null;
  await judgeLedger(ledger, verifier, blocks, options, (found, position) => {
    accepted.add(found?.hash ?? null);
    if (found === null) return;
    const { header } = found.block;
    newest = { header, hash: found.hash };
    walk.take(header.index, found.entries, position);
  });
  const { problems, ledger: id, owner } = verifier.finish();
  const known = { blocks, damaged: problems.length > 0, id, owner, state: verifier.state, newest };
  const isAccepted: IsAccepted = (position, block) => accepted.has(position - 1, hashOf(block));
  return { ...(await directoryOf(ledger, walk, known, identity, isAccepted)), accepted, state: verifier.state };
}

/** Whether the block that is stored in a place is the one that was accepted there: it may have been changed since. */
type IsAccepted = (position: number, block: BlockHead) => boolean;

/** What is known of a ledger as a whole. */
interface Told {
  readonly blocks: number;
  readonly damaged: boolean;
  readonly id: string | null;
  readonly owner: string | null;
  readonly state: LedgerState;
  readonly newest: (Pick<BlockHead, 'header'> & { readonly hash: string }) | null;
}

async function directoryOf(
  ledger: Ledger,
  walk: Walk,
  { blocks, damaged, id, owner, state, newest }: Told,
  identity: Identity | undefined,
  isAccepted: IsAccepted = () => true,
): Promise<Directory> {
  const ledgerId = id === null ? null : fromHex(id, 32);
  const now = timestampOf(ledger.clock());
  const keyring =
    identity === undefined || ledgerId === null
      ? null
      : createKeyring(ledgerId, state, grantsIn(ledger, walk.grantBlocks), identity, now);
  const infos: DatasetInfo[] = [];
  for (const found of walk.datasets.values())
    infos.push(await describe(ledger, found, { state, keyring, now, isAccepted }));
  const [time, head] = [newest?.header.timestamp ?? null, newest?.hash ?? null];
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

const NONE_AMENDED: Amendments = { versions: new Map(), originals: new Map() };

interface Describing {
  readonly state: LedgerState;
  readonly keyring: Keyring | null;
  readonly now: Timestamp;
  readonly isAccepted: IsAccepted;
}

async function describe(
  ledger: Ledger,
  found: Found,
  { state, keyring, now, isAccepted }: Describing,
): Promise<DatasetInfo> {
  const parts: Omit<GroupInfo, 'access'>[] = [];
  for (const [number, group] of found.groups.entries()) {
    const keys = await keysOf(group, keyring);
    const { keyIds, rowZero } = group;
    const isErased = rowZero !== null && state.isErased(rowZero.block, rowZero.entry);
    const zero = isErased ? null : await rowZeroOf(ledger, group, keys, isAccepted);
    const isOpen = keys.size > 0 || keyring === null;
    parts.push({
      number,
      keyIds,
      keys,
      manifest: zero?.manifest ?? null,
      header: zero?.header ?? null,
      headerPlace: rowZero && { ...rowZero, isErased },
      expired: isOpen ? null : expiredAt(state, keyIds, keyring.identity.publicKey, now),
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
    versionPlaces: found.versionPlaces,
    complete: found.endRows === found.rows && found.groups.every(({ rowZero }) => rowZero !== null),
    granted: view.keys.size > 0 || (reader !== undefined && ids.some((id) => holds(state, id, reader, now))),
    recovers: reader !== undefined && state.recovery.includes(reader),
  };
}

/** Whether a reader holds a key by a grant of their own that is honoured. */
function holds(state: LedgerState, keyId: string, reader: PublicKey, now: Timestamp): boolean {
  const holding = state.keys.get(keyId)?.holders.get(reader);
  return holding !== undefined && !isExpired(holding, now);
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
  isAccepted: IsAccepted,
): Promise<{ manifest: Manifest; header: Uint8Array } | null> {
  const { position } = rowZero ?? {};
  if (rowZero === null || position === undefined || keys.size === 0) return null;
  for await (const block of readableBlocks(ledger, { from: position, to: position })) {
    const entry = block.entries[rowZero.entry];
    // It is read a second time, and its entries must be those that its hash stands for.
    if (!isAccepted(position, block) || inspectContent(block, await loadCurve(), { bodies: false }).entries === null) {
      return null;
    }
    const isSound = entry?.kind === 'sealed' && inspectBodies([entry]).faults.length === 0;
    const content = isSound ? openWith(keys, entry) : null;
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
