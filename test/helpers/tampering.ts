// Single changes to the lines of an export, each with the blocks that a verdict may name for it.

import { type Block, blockHash, finishBlock, type Header, headerHash, linkHeader } from '../oracle/block.js';
import { type Bytes, fromHex, utf8 } from '../oracle/bytes.js';
import { type Json, type JsonObject, jcs } from '../oracle/jcs.js';
import type { Person } from './people.js';

/** What has become of an export. A verdict names one of `blocks`, and only one unless `several` may be named. */
export interface Tampered {
  readonly bytes: Uint8Array;
  readonly blocks: readonly number[];
  readonly several?: boolean;
}

export function parse(line: string): Block {
  return JSON.parse(line) as Block;
}

function lined(lines: readonly string[]): Uint8Array {
  return utf8(lines.map((line) => line + '\n').join(''));
}

/** One bit of the export is another. A line feed that comes or goes splits a line or joins two. */
export function flipBit(lines: readonly string[], position: number, bit: number): Tampered {
  const bytes = lined(lines);
  const at = position % bytes.length;
  const before = bytes[at] ?? 0;
  bytes[at] = before ^ (1 << bit);
  const block = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
  const splits = bytes[at] === 0x0a;
  // Nothing tells two damaged lines at the end from one that has been split.
  if (before === 0x0a || (splits && block === lines.length))
    return { bytes, blocks: [block, block + 1], several: true };
  return { bytes, blocks: [block], several: splits };
}

export function truncateWithin(lines: readonly string[], position: number): Tampered | null {
  const bytes = lined(lines);
  const at = position % bytes.length;
  if (at === 0 || bytes[at - 1] === 0x0a) return null;
  return { bytes: bytes.subarray(0, at), blocks: [bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1] };
}

export function deleteLine(lines: readonly string[], k: number): Tampered {
  return { bytes: lined(lines.toSpliced(k - 1, 1)), blocks: [k] };
}

/** Line k comes a second time, before line p. */
export function duplicateLine(lines: readonly string[], k: number, p: number): Tampered {
  return { bytes: lined(lines.toSpliced(p - 1, 0, lines[k - 1] ?? '')), blocks: [k, p] };
}

/** A copy of line k stands in the place of line p. Both are concerned: one is gone, one is there twice. */
export function replaceByCopy(lines: readonly string[], k: number, p: number): Tampered {
  return { bytes: lined(lines.with(p - 1, lines[k - 1] ?? '')), blocks: [k, p], several: true };
}

/** Of three in reverse order, any two have moved. */
export function swapLines(lines: readonly string[], k: number, p: number): Tampered {
  const swapped = lines.with(p - 1, lines[k - 1] ?? '').with(k - 1, lines[p - 1] ?? '');
  const between = Math.abs(k - p) === 2 ? [(k + p) / 2] : [];
  return { bytes: lined(swapped), blocks: [k, p, ...between], several: true };
}

/** Line k stands where line p has stood. Of two neighbours, either has moved. */
export function moveLine(lines: readonly string[], k: number, p: number): Tampered {
  const moved = lines.toSpliced(k - 1, 1).toSpliced(p - 1, 0, lines[k - 1] ?? '');
  return { bytes: lined(moved), blocks: Math.abs(k - p) === 1 ? [k, p] : [k] };
}

export function insertLine(lines: readonly string[], p: number, line: string): Tampered {
  return { bytes: lined(lines.toSpliced(p - 1, 0, line)), blocks: [p] };
}

export function replaceLine(lines: readonly string[], k: number, line: string): Tampered {
  return { bytes: lined(lines.with(k - 1, line)), blocks: [k] };
}

/** The block of a line with something done to it, written canonically again. */
export function changeBlock(lines: readonly string[], k: number, change: (block: JsonObject) => Json): Tampered {
  return replaceLine(lines, k, jcs(change(parse(lines[k - 1] ?? '') as unknown as JsonObject)));
}

/** Header members and what each can be changed to, so that the block remains well-formed. */
export function otherValue(member: string, value: Json, seed: number): Json {
  if (typeof value === 'number') return seed % 2 === 0 || value === 0 ? value + 1 + (seed % 7) : value - 1;
  if (member === 'timestamp') return new Date(Date.parse(String(value)) + 1 + (seed % 100_000)).toISOString();
  const text = String(value);
  const at = seed % text.length;
  const digit = (Number.parseInt(text[at] ?? '0', 16) + 1 + (seed % 15)) % 16;
  return text.slice(0, at) + digit.toString(16) + text.slice(at + 1);
}

/** The block of a line, signed by somebody else, its work done anew. */
export function signedBy(line: string, signer: Person, change: Partial<Header> = {}): string {
  const { proof: _proof, signature: _signature, data, ...header } = parse(line);
  const other = { ...header, ...change, signer: signer.publicKey };
  return finishBlock(other, data, fromHex(signer.privateKey, 32)).line.trimEnd();
}

/** The hash of each line's block. */
export function hashesOf(lines: readonly string[]): Bytes[] {
  return lines.map((line) => {
    const { proof, signature, data: _data, ...header } = parse(line);
    return blockHash(headerHash(header), proof, fromHex(signature, 64));
  });
}

/** A block made to stand behind these lines, everything about it right but what `change` says. */
export function blockBehind(
  lines: readonly string[],
  data: JsonObject[],
  signer: Person,
  change: Partial<Header> = {},
): string {
  const { timestamp, difficulty } = parse(lines.at(-1) ?? '{"timestamp":"2025-03-01T12:00:00.000Z","difficulty":3}');
  const entries = data.map((statement) => utf8(jcs(statement)));
  const header = {
    ...linkHeader(hashesOf(lines), entries),
    timestamp,
    difficulty,
    signer: signer.publicKey,
    ...change,
  };
  return finishBlock(header, data, fromHex(signer.privateKey, 32)).line.trimEnd();
}
