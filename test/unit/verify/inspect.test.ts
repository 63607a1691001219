// What is said of one block by itself, and what of it is looked at.

import { beforeAll, describe, expect, test } from 'vitest';
import { type Curve, loadCurve } from '../../../src/crypto/secp256k1.js';
import type { Block } from '../../../src/format/block.js';
import type { SealedEntry } from '../../../src/format/entry.js';
import { decodeLine } from '../../../src/format/exchange.js';
import { type InspectOptions, inspectBlock, inspectContent } from '../../../src/verify/inspect.js';
import { BASE, oracleText, raw, row } from '../../helpers/breaking.js';

let curve: Curve;
let block: Block;

beforeAll(async () => {
  curve = await loadCurve();
  const lines = oracleText([...BASE, raw(row('own', 2, 3))], { difficulty: 3 }).split('\n');
  block = decodeLine(Buffer.from(lines.at(-2)!));
});

/** The block with one of its records changed beside its entry: that changes no hash. */
function beside(position: number, change: Partial<SealedEntry>): Block {
  return { ...block, entries: block.entries.with(position, { ...block.entries[position]!, ...change } as SealedEntry) };
}

function found(of: Block, options: InspectOptions = {}) {
  const inspection = inspectBlock(of, curve, options);
  if (inspection.kind === 'unsound') return inspection.fault.code;
  const { fault, bodyFaults, missing } = inspection;
  return { fault, bodyFaults: bodyFaults.map(({ entry, code }) => [entry, code]), missing };
}

const nothing = { salts: [], bodies: [] };
const good = { fault: null, bodyFaults: [], missing: nothing };
const other = (length: number): Uint8Array => new Uint8Array(length).fill(7);

test('a good block', () => {
  expect(found(block)).toEqual(good);
});

describe('salts and bodies', () => {
  test('that are others', () => {
    expect(found(beside(1, { body: other(80) }))).toEqual({ ...good, bodyFaults: [[1, 'BODY_MISMATCH']] });
    expect(found(beside(1, { salt: other(32) }))).toEqual({ ...good, bodyFaults: [[1, 'SALT_MISMATCH']] });
    expect(found(beside(0, { salt: other(31) }))).toEqual({ ...good, bodyFaults: [[0, 'SALT_MISMATCH']] });
    expect(found(beside(0, { salt: other(32), body: null }))).toEqual({ ...good, bodyFaults: [[0, 'SALT_MISMATCH']] });
  });

  test('that are not there', () => {
    expect(found(beside(1, { body: null }))).toEqual({ ...good, missing: { salts: [], bodies: [1] } });
    // Of a record that cannot be opened the body is not looked at.
    expect(found(beside(0, { salt: null, body: other(80) }))).toEqual({ ...good, missing: { salts: [0], bodies: [] } });
    expect(found(beside(1, { salt: null, body: null }))).toEqual({ ...good, missing: { salts: [1], bodies: [1] } });
  });

  test('are not looked at by who would rather not', () => {
    for (const change of [{ body: other(80) }, { salt: other(32) }, { body: null, salt: null }]) {
      expect(found(beside(1, change), { bodies: false })).toEqual(good);
    }
  });

  test('of other entries than those that were signed are not looked at', () => {
    const { entries, ...rest } = beside(0, { body: null });
    const inspection = inspectContent({ ...rest, entries: entries.slice(0, 1) }, curve);
    expect(inspection).toMatchObject({ entries: null, fault: { entry: null, code: 'DATA_MISMATCH' } });
    expect([inspection.bodyFaults, inspection.missing]).toEqual([[], nothing]);
  });
});

describe('a head', () => {
  test('whose signature does not fit', () => {
    const forged = { ...block, signature: other(64) };
    expect(found(forged)).toBe('SIGNATURE_INVALID');
    expect(found(forged, { signatures: false })).toEqual(good);
  });

  test('without its work', () => {
    const idle = { ...block, header: { ...block.header, difficulty: 48 } };
    expect(found(idle, { signatures: false })).toBe('WORK_INSUFFICIENT');
    expect(found(idle)).toBe('SIGNATURE_INVALID');
  });
});

test('what is no error of ours is not taken for a fault of the block', () => {
  const verify = (): boolean => {
    throw new Error('a failing library');
  };
  expect(() => inspectBlock(block, { ...curve, verify })).toThrow('a failing library');
});
