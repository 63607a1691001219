import { fromBase64url, toBase64url } from '../bytes.js';
import type { Curve } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { isObject, type JsonObject, type JsonValue } from '../format/json.js';
import { emptyLedger, type LedgerData } from './state/data.js';
import { LedgerState } from './state.js';

/*
 * What a ledger's statements add up to, as JSON and back: the members of `LedgerData`, whatever they are, as long as they
 * are made of texts, integers from 0, true and false, null, arrays, objects, maps, sets and bytes. So a new member is kept
 * without a line here. Where members come, go, or change what they mean, `SAVED_VERSION` is raised, and older files are
 * refused.
 */

/** Names that say of an object what it stands for. No object of a state has a member of such a name. */
const MAP = '$map';
const SET = '$set';
const BYTES = '$bytes';

export function saveLedgerState(state: LedgerState): JsonValue {
  return encode(state.data);
}

/** The state of `saveLedgerState`. @throws {MedsealError} `STATE_INVALID` where it has not the members of one */
export function restoreLedgerState(curve: Curve, saved: JsonValue): LedgerState {
  const data = emptyLedger();
  const found = isObject(saved) ? decodeMembers(saved) : {};
  const names = Object.keys(data) as (keyof LedgerData)[];
  const complete = names.length === Object.keys(found).length && names.every((name) => Object.hasOwn(found, name));
  if (!complete || !names.every((name) => isAlike(data[name], found[name]))) {
    throw notAState();
  }
  return new LedgerState(curve, Object.assign(data, found));
}

function notAState(): MedsealError {
  return new MedsealError('STATE_INVALID', 'the saved state has not the members of a ledger’s state');
}

/** Whether a member is of the sort that it is of in a new state. What has no value there may have any. */
function isAlike(first: unknown, found: unknown): boolean {
  if (first === null) return found !== undefined;
  if (typeof first !== 'object') return typeof first === typeof found;
  return Object.getPrototypeOf(first) === Object.getPrototypeOf(found);
}

function encode(value: unknown): JsonValue {
  if (value instanceof Map) return { [MAP]: [...value].map(([key, item]) => [encode(key), encode(item)]) };
  if (value instanceof Set) return { [SET]: [...value].map(encode) };
  if (value instanceof Uint8Array) return { [BYTES]: toBase64url(value) };
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(members.map(([name, item]) => [name, encode(item)]));
}

function decode(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (!isObject(value)) return value;
  const [[name, item] = ['', null]] = Object.entries(value) as [string, JsonValue][];
  if (name === MAP) return new Map(listOf(item).map(pairOf));
  if (name === SET) return new Set(listOf(item).map(decode));
  if (name === BYTES) return bytesOf(item);
  return decodeMembers(value);
}

function listOf(value: JsonValue): JsonValue[] {
  if (!Array.isArray(value)) throw notAState();
  return value;
}

function pairOf(value: JsonValue): [unknown, unknown] {
  const [key, item, ...more] = listOf(value);
  if (key === undefined || item === undefined || more.length > 0) throw notAState();
  return [decode(key), decode(item)];
}

function bytesOf(value: JsonValue): Uint8Array {
  const bytes = typeof value === 'string' ? fromBase64url(value) : null;
  if (bytes === null) throw notAState();
  return bytes;
}

function decodeMembers(value: JsonObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, decode(item)]));
}
