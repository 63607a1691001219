import { sha256Text } from '#primitives';
import { isHex, toHex, utf8 } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { canonicalize, hasExactly, isObject, type JsonObject, type JsonValue, parseCanonical } from '../format/json.js';
import { isTimestamp, type Timestamp } from '../format/timestamp.js';

/** Raised with whatever changes in the file, the members of `LedgerData` included. */
export const SAVED_VERSION = 3;

/** A ledger of a million records has some kilobytes; what grows are data sets, keys and grants. */
export const MAX_SAVED_BYTES: number = 64 * 1024 * 1024;
const MAX_SAVED_DEPTH = 32;

/**
 * How far a verification has come without finding anything wrong: all that a later one needs to go on from there
 * (spec/verification.md, "Going on from a saved state"). It is the auditor's own: whoever can change it decides what
 * that verification finds.
 */
export interface SavedState {
  readonly version: number;
  /** The ledger's id. */
  readonly ledger: string;
  /** How many blocks have been verified. */
  readonly blocks: number;
  /** Hash of the last of them. */
  readonly head: string;
  readonly time: Timestamp;
  /** Roots of the complete subtrees over all blocks but the last, the largest first. */
  readonly edge: readonly string[];
  /** The block up to which signatures were vouched for and not checked; null where all were checked. */
  readonly anchor: number | null;
  /** As `saveLedgerState` makes it. */
  readonly state: JsonValue;
}

/**
 * The state as a file: canonical JSON. It carries a checksum over itself, so that whatever a disk or a copy has damaged is
 * found. Against intent that is nothing: whoever changes the state can make the checksum, too.
 */
export function encodeSaved(saved: SavedState): Uint8Array {
  const members = saved as unknown as JsonObject;
  return utf8(canonicalize({ ...members, [CHECKSUM]: checksumOf(members) }));
}

const CHECKSUM = 'checksum';

/** SHA-256 over the canonical JSON of all other members, hex. */
function checksumOf(members: JsonObject): string {
  return toHex(sha256Text(canonicalize(members)));
}

/** @throws {MedsealError} `STATE_INVALID`; `STATE_VERSION` */
export function parseSaved(bytes: Uint8Array): SavedState {
  if (bytes.length > MAX_SAVED_BYTES) throw invalid('is larger than 64 MiB');
  let value: JsonValue;
  try {
    value = parseCanonical(bytes, MAX_SAVED_DEPTH);
  } catch {
    throw invalid('is not canonical JSON');
  }
  if (!isObject(value) || typeof value.version !== 'number') throw invalid('has no version');
  if (value.version !== SAVED_VERSION) {
    const message = `the saved state is of version ${value.version}; this version of Medseal goes on from version ${SAVED_VERSION}: verify the whole ledger once`;
    throw new MedsealError('STATE_VERSION', message);
  }
  const { [CHECKSUM]: checksum, ...members } = value;
  if (checksum !== checksumOf(members)) throw invalid('is not what was written: its checksum does not fit');
  const wrong = wrongMember(members);
  if (wrong !== null) throw invalid(`has no well-formed "${wrong}"`);
  return members as unknown as SavedState;
}

function invalid(why: string): MedsealError {
  return new MedsealError('STATE_INVALID', `the saved state ${why}: it is damaged, or another file`);
}

function wrongMember(value: JsonObject): string | null {
  const names = ['version', 'ledger', 'blocks', 'head', 'time', 'edge', 'anchor', 'state'];
  if (!hasExactly(value, names)) return 'members';
  const { ledger, blocks, head, time, edge, anchor, state } = value;
  const checks: [string, boolean][] = [
    ['ledger', isHex(ledger, 32)],
    ['blocks', typeof blocks === 'number' && blocks >= 1],
    ['head', isHex(head, 32)],
    ['time', isTimestamp(time)],
    ['edge', Array.isArray(edge) && edge.length === ones(Number(blocks) - 1) && edge.every((hash) => isHex(hash, 32))],
    ['anchor', anchor === null || (typeof anchor === 'number' && anchor <= Number(blocks))],
    ['state', isObject(state)],
  ];
  return checks.find(([, fine]) => !fine)?.[0] ?? null;
}

/** How many ones an integer has in binary: so many complete subtrees a tree of that many leaves is made of. */
function ones(value: number): number {
  return value.toString(2).replaceAll('0', '').length;
}
