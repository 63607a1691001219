import { hexDecode } from '#primitives';
import { fromLatin1, utf8 } from '../bytes.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MAX_DIFFICULTY } from '../work/proof-of-work.js';
import type { BlockHead, Header } from './header.js';
import { MAX_ENTRIES } from './limits.js';
import type { Timestamp } from './timestamp.js';

/** A head, and where in its JSON `proof` and `signature` stand, with the comma behind them. */
export interface PlainHead {
  readonly head: BlockHead;
  readonly signed: { readonly from: number; readonly to: number };
}

/** A value, and what stands before it: of so many hex digits, or a number, or a time. */
interface Value {
  readonly before: Uint8Array;
  readonly is: number | 'count' | 'time';
}

/** The values of a head in their order. The genesis block, with its short `previous_hash`, is rare. */
const VALUES: readonly Value[] = [
  { before: utf8('{"data_hash":"'), is: 64 },
  { before: utf8('","data_size":'), is: 'count' },
  { before: utf8(',"difficulty":'), is: 'count' },
  { before: utf8(',"history_hash":"'), is: 64 },
  { before: utf8('","index":'), is: 'count' },
  { before: utf8(',"previous_hash":"'), is: 64 },
  { before: utf8('","proof":'), is: 'count' },
  { before: utf8(',"signature":"'), is: 128 },
  { before: utf8('","signer":"'), is: 66 },
  { before: utf8('","timestamp":"'), is: 'time' },
];
const END = utf8('","version":1}');

/** What stands between `previous_hash` and `proof`, and between `signature` and `signer`. */
const NEXT = '",'.length;
const MOST_DIGITS = 15;
/** No plain head is longer: 531 characters, and five numbers of 15 digits. */
const MAX_LENGTH = 640;

/** Days up to the 28th are in every month; of the others somebody else judges. */
const DAY = '[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])';
const TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}';
const PLAIN_TIME = new RegExp(`^${DAY}T${TIME}Z$`);
const TIME_LENGTH = 24;

/**
 * What `parseHead` makes of the canonical JSON of a head as nearly all are, at a tenth of its cost; null for any that is
 * not well-formed or has something rare.
 */
export function readPlainHead(bytes: Uint8Array): PlainHead | null {
  const bounds = bytes.length <= MAX_LENGTH ? boundsOfValues(bytes) : null;
  if (bounds === null) return null;
  const text = fromLatin1(bytes);
  const value = (i: number): string => text.slice(bounds[2 * i], bounds[2 * i + 1]);
  const header: Header = {
    version: 1,
    index: Number(value(4)),
    timestamp: value(9) as Timestamp,
    previous_hash: value(5),
    history_hash: value(3),
    data_hash: value(0),
    data_size: Number(value(1)),
    difficulty: Number(value(2)),
    signer: value(8) as PublicKey,
  };
  const possible = header.index > 0 && header.data_size > 0 && header.data_size <= MAX_ENTRIES;
  if (!possible || header.difficulty > MAX_DIFFICULTY || !PLAIN_TIME.test(header.timestamp)) return null;
  const signed = { from: (bounds[11] ?? 0) + NEXT, to: (bounds[15] ?? 0) + NEXT };
  return { head: { header, proof: Number(value(6)), signature: hexDecode(value(7)) }, signed };
}

/** Where each value begins and ends; null where anything stands between or behind them that should not, or they are none. */
function boundsOfValues(bytes: Uint8Array): number[] | null {
  const bounds: number[] = [];
  let at = 0;
  for (const { before, is } of VALUES) {
    if (!standsAt(bytes, at, before)) return null;
    at += before.length;
    const length = is === 'time' ? TIME_LENGTH : is === 'count' ? digitsAt(bytes, at) : hexAt(bytes, at, is);
    if (length === 0) return null;
    bounds.push(at, at + length);
    at += length;
  }
  return standsAt(bytes, at, END) && at + END.length === bytes.length ? bounds : null;
}

function standsAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** Of each byte, whether it is a lower-case hex digit. */
const HEX_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => (/[0-9a-f]/.test(String.fromCharCode(byte)) ? 1 : 0));

/** How many hex digits there are: as many as there should be, or 0. */
function hexAt(bytes: Uint8Array, start: number, length: number): number {
  const end = Math.min(start + length, bytes.length);
  let digits = 0;
  for (let i = start; i < end; i++) digits += HEX_DIGIT[bytes[i] as number] as number;
  return digits === length ? length : 0;
}

const ZERO = 0x30;

/** How many digits the number has: 0 where it has too many, or zeros in front. */
function digitsAt(bytes: Uint8Array, start: number): number {
  let end = start;
  while (isDigit(bytes[end] ?? 0)) end++;
  const length = end - start;
  return length > MOST_DIGITS || (length > 1 && bytes[start] === ZERO) ? 0 : length;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < ZERO + 10;
}
