// A thousand single bits of a ledger's file turned over, one at a time: each is found, or whatever is read of the file, by
// whatever way, is to the byte what was written.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eraseStatements } from '../../src/access/erasure.js';
import { amendRow } from '../../src/dataset/amend.js';
import { findRows } from '../../src/dataset/lookup/find.js';
import { openDataset } from '../../src/dataset/open.js';
import { originalBytes } from '../../src/dataset/output.js';
import { sealDataset } from '../../src/dataset/seal.js';
import { MedsealError } from '../../src/errors.js';
import { isReadable } from '../../src/format/block.js';
import { exportLedger } from '../../src/ledger/export.js';
import { type ConsistencyProof, proveConsistency } from '../../src/ledger/history-nodes.js';
import { type Ledger, openLedger, readableBlocks } from '../../src/ledger/ledger.js';
import { proveEntry, type RecordPlace } from '../../src/ledger/prove.js';
import { fromStored } from '../../src/ledger/stored.js';
import { verifiedState } from '../../src/ledger/verified-state.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { statementEntry } from '../../src/ledger/writer.js';
import { closeQuietly } from '../../src/store/sqlite/connection.js';
import { headsBackwards, openDatabase } from '../../src/store/sqlite/reading.js';
import { PAGE_SIZE } from '../../src/store/sqlite/schema.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { ReadBlock, ReadOptions, Store } from '../../src/store/store.js';
import { type TaggedPlace, unpackTags } from '../../src/store/tags.js';
import { collect, richLedger, streamOf } from '../helpers/ledgers.js';
import { owner } from '../helpers/people.js';
import { numbersFrom, SEED } from '../helpers/random-numbers.js';

const FLIPS = 1000;
const folder = mkdtempSync(join(tmpdir(), 'medseal-flips-'));
const original = join(folder, 'original.medseal');
const path = join(folder, 'flipped.medseal');
const NOW = new Date('2025-03-01T14:00:00.000Z');
const TABLE = 'patient,drug,note\n' + [1, 2, 3, 4, 5, 6].map((n) => `P-${n % 3},${'xy'[n % 2]},${n}\n`).join('');

/** Tags of the file as it was made, and one that leads nowhere. */
const tags = new Map<string, Uint8Array>([['none', new Uint8Array(8).fill(0xa5)]]);
let file: Buffer;
let blocks: number;
/** Where a sealed record stands. */
let proven: RecordPlace;
let written: Map<string, string>;

beforeAll(async () => {
  const ledger = await richLedger('flips', original);
  const identity = await owner.identity();
  const sealing = { name: 'drugs', subject: 'patient', index: ['drug'], owner: owner.publicKey };
  await sealDataset(ledger, identity, streamOf(TABLE), { ...sealing, blockSize: 2 });
  await amendRow(ledger, identity, {
    dataset: 'drugs',
    row: 3,
    correction: { record: Buffer.from('P-0,y,corrected') },
    reason: 'x',
  });
  await erase(ledger, 'visits', { from: 2, to: 2 });
  await erase(ledger, 'drugs', { from: 1, to: 1 });
  blocks = await ledger.size();
  for await (const { header, entries } of readableBlocks(ledger)) {
    const entry = entries.findIndex(({ kind }) => kind === 'sealed');
    if (entry >= 0) proven = { block: header.index, entry };
  }
  await ledger.close();
  file = readFileSync(original);
  const store = openSqliteStore(original);
  for await (const { tags: packed } of store.tags()) {
    for (const { tag } of unpackTags(packed)) tags.set(Buffer.from(tag).toString('hex'), Buffer.from(tag));
  }
  await store.close();
  written = await readings(original, 'all');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function erase(ledger: Ledger, name: string, rows: { from: number; to: number }): Promise<void> {
  const { state } = await verifiedState(ledger);
  const identity = await owner.identity();
  const { info } = await openDataset(ledger, identity, { dataset: name });
  const request = { keyIds: info.groups.flatMap((group) => group.keyIds), rows, reason: 'asked for', basis: 'GDPR' };
  const writer = await ledger.write(identity);
  await writer.append((await eraseStatements(ledger, state, info.id, request)).map(statementEntry));
  await writer.destroyErased();
  await writer.close();
}

const hex = (bytes: Uint8Array | null): string => (bytes === null ? '-' : Buffer.from(bytes).toString('hex'));

/** What a store gave back as a ledger reads it: of what was destroyed it has no bytes, whatever stands in their place. */
function asRead(stored: ReadBlock): string {
  const item = fromStored(stored);
  if (!isReadable(item)) return `${stored.position} ${item.error.code}`;
  const entries = item.entries.map((entry) =>
    entry.kind === 'statement' ? hex(entry.bytes) : [entry.bytes, entry.salt, entry.body].map(hex).join(' '),
  );
  return [`${stored.position} ${hex(stored.head)}`, ...entries].join('\n');
}

async function readFrom(store: Store, options: ReadOptions): Promise<string> {
  const found: string[] = [];
  for await (const block of store.read(options)) found.push(asRead(block));
  return found.join('\n');
}

async function placesOf(store: Store, tag: Uint8Array): Promise<string> {
  const found: TaggedPlace[] = [];
  for await (const place of store.places(tag)) found.push(place);
  return JSON.stringify(found.sort((a, b) => a.position - b.position || a.entry - b.entry));
}

async function found(ledger: Ledger, column: string, value: string, scan: boolean): Promise<string> {
  const finding = await findRows(ledger, await owner.identity(), {
    dataset: 'drugs',
    where: [{ column, value }],
    scan,
  });
  return (await collect(originalBytes(finding))).toString() + finding.by + JSON.stringify(finding.report());
}

type Way = readonly [name: string, read: () => Promise<string>];

/** The ways of reading that take little, by their names. */
function quickWays(store: Store, ledger: Ledger): Way[] {
  const each = Array.from({ length: blocks + 1 }, (_, i) => i + 1);
  return [
    ['size', async () => String(await store.size())],
    ['in order', () => readFrom(store, { bodies: true })],
    ['without bodies', () => readFrom(store, {})],
    ...each.map((k): Way => [`block ${k}`, () => readFrom(store, { from: k, to: k, bodies: true })]),
    ...each.map((k): Way => [`four from ${k}`, () => readFrom(store, { from: k, to: k + 3, bodies: true })]),
    ['heads backwards', async () => headsOf(store.file ?? '')],
    ...[...tags].map(([name, tag]): Way => [`tag ${name}`, () => placesOf(store, tag)]),
    ['all tags', () => allTags(store)],
    ['an export', async () => (await collect(exportLedger(ledger))).toString()],
    ['a proof', async () => Buffer.from((await proveEntry(ledger, proven)).bytes).toString()],
    ['consistency', async () => consistency(await proveConsistency(ledger, 7, blocks))],
  ];
}

/** Those that verify the whole ledger, or much of it. They read by the ways above. */
function wholeWays(ledger: Ledger): Way[] {
  const dataset = async (name: string): Promise<string> =>
    (await collect(originalBytes(await openDataset(ledger, await owner.identity(), { dataset: name })))).toString();
  return [
    ['visits', () => dataset('visits')],
    ['drugs', () => dataset('drugs')],
    ['P-0', () => found(ledger, 'patient', 'P-0', false)],
    ['y', () => found(ledger, 'drug', 'y', false)],
    ['y by reading', () => found(ledger, 'drug', 'y', true)],
  ];
}

function consistency({ firstRoot, secondRoot, path: hashes }: ConsistencyProof): string {
  return [firstRoot, secondRoot, ...hashes].map(hex).join('\n');
}

function headsOf(name: string): string {
  const database = openDatabase(name);
  try {
    return [...headsBackwards(name, database, blocks)].map(({ position, head }) => `${position} ${head}`).join('\n');
  } finally {
    closeQuietly(database);
  }
}

async function allTags(store: Store): Promise<string> {
  const found: string[] = [];
  for await (const { position, tags: packed } of store.tags()) {
    for (const { tag, entry } of unpackTags(packed))
      found.push(`${position} ${entry} ${Buffer.from(tag).toString('hex')}`);
  }
  return found.sort().join('\n');
}

/** What each way of reading gives: what was read, or the code of what it says instead. */
async function readings(name: string, which: 'quick' | 'all'): Promise<Map<string, string>> {
  const results = new Map<string, string>();
  let store: Store;
  try {
    store = openSqliteStore(name);
  } catch (error) {
    return results.set('opening', codeOf(error, 'opening'));
  }
  const ledger = await openLedger(name, { clock: () => NOW });
  try {
    const ways = [...quickWays(store, ledger), ...(which === 'all' ? wholeWays(ledger) : [])];
    for (const [way, read] of ways) results.set(way, await read().catch((error) => codeOf(error, way)));
  } finally {
    await store.close();
    await ledger.close();
  }
  return results;
}

function codeOf(error: unknown, way: string): string {
  if (error instanceof MedsealError) return `refused: ${error.code}`;
  throw new Error(`${way}: this has no code`, { cause: error });
}

/** What a verification has to say of every ledger that has a data set with more to come. */
const EVER = ['TRUNCATION_POSSIBLE', 'DATASET_INCOMPLETE'];

/** What says that something is wrong with a file; null where nothing does. */
async function whatIsFound(name: string): Promise<string | null> {
  try {
    const verdict = await verifyLedger(name, { now: NOW, owner: owner.publicKey });
    const said = verdict.ok ? verdict.notices.filter(({ code }) => !EVER.includes(code)) : verdict.problems;
    return said.length === 0 ? null : said.map(({ code }) => code).join();
  } catch (error) {
    return codeOf(error, 'verification');
  }
}

/** Turns a bit over; returns what is found, null for nothing, and then all that is read is as it was. */
async function flip(bit: number, which: 'quick' | 'all'): Promise<string | null> {
  const flipped = Buffer.from(file);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  writeFileSync(path, flipped);
  const what = await whatIsFound(path);
  // Whatever is found, nothing is read that fails without a code.
  const read = await readings(path, what === null ? which : 'quick');
  if (what !== null) return what;
  for (const [way, says] of read) expect(says, `bit ${bit & 7} of byte ${bit >> 3}, ${way}`).toBe(written.get(way));
  return null;
}

test(`${FLIPS} bits, each of which is found or changes nothing that is read`, async () => {
  console.info(`MEDSEAL_TEST_SEED=${SEED}, a file of ${file.length} bytes`);
  expect(await whatIsFound(original)).toBeNull();
  for (const [way, read] of written) expect(read, way).not.toMatch(/^refused/);
  const next = numbersFrom('flips');
  const counts = new Map<string, number>();
  for (let i = 0; i < FLIPS; i++) {
    const what = (await flip(next(8 * file.length), i % 8 === 0 ? 'all' : 'quick')) ?? 'nothing';
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  console.info(counts);
  expect(FLIPS - (counts.get('nothing') ?? 0)).toBeGreaterThan(FLIPS / 8);
  expect(counts.get('INDEX_DAMAGED')).toBeGreaterThan(0);
});

test('every bit of where SQLite looks up which page a block is on', async () => {
  // The second page is the root of the table of blocks, an interior one, whose cells stand at its end.
  const INTERIOR = 5;
  expect(file[PAGE_SIZE]).toBe(INTERIOR);
  const found: (string | null)[] = [];
  const cells = file.readUInt16BE(PAGE_SIZE + 5);
  for (let bit = 8 * (PAGE_SIZE + cells); bit < 8 * 2 * PAGE_SIZE; bit++) found.push(await flip(bit, 'quick'));
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((what) => what !== null).length).toBeGreaterThan(found.length / 2);
});
