// Ledgers to work on, and their way into the verifier.

import { expect } from 'vitest';
import { loadCurve } from '../../src/crypto/secp256k1.js';
import type { GroupChoice } from '../../src/dataset/groups.js';
import { openDataset } from '../../src/dataset/open.js';
import { originalBytes } from '../../src/dataset/output.js';
import { sealDataset } from '../../src/dataset/seal.js';
import type { BlockItem } from '../../src/format/block.js';
import { decodeExport, decodeLine } from '../../src/format/exchange.js';
import type { InfoStatement, Statement } from '../../src/format/statement.js';
import { exportLedger } from '../../src/ledger/export.js';
import { createLedger, type Ledger, openLedger } from '../../src/ledger/ledger.js';
import { toStored } from '../../src/ledger/stored.js';
import { statementEntry } from '../../src/ledger/writer.js';
import { MerkleTree } from '../../src/merkle/tree.js';
import { memoryMedium, memoryStore } from '../../src/store/memory.js';
import type { Store } from '../../src/store/store.js';
import { judgeSurveys, verifyBlocks } from '../../src/verify/judging.js';
import type { VerifyOptions } from '../../src/verify/options.js';
import type { Verdict } from '../../src/verify/verdict.js';
import { Verifier } from '../../src/verify/verifier.js';
import { NOW, owner, type Person, recovery, seeded, steppingClock, writer } from './people.js';
import { surveysOf, TREES } from './surveys.js';

export async function* streamOf(bytes: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bytes as Uint8Array);
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Signs a block with these statements. */
export async function say(ledger: Ledger, by: Person, ...statements: Statement[]): Promise<void> {
  const block = await ledger.write(await by.identity(), { owner: owner.publicKey });
  await block.append(statements.map(statementEntry));
  await block.close();
}

export function info(text: string): InfoStatement {
  return { kind: 'info-note', text };
}

export interface SealStep {
  readonly by: Person;
  readonly name: string;
  readonly csv: string | Uint8Array;
  readonly blockSize: number;
  readonly append?: boolean;
  readonly groups?: readonly GroupChoice[];
}

export async function seal(ledger: Ledger, { by, csv, ...options }: SealStep): Promise<void> {
  await sealDataset(ledger, await by.identity(), streamOf(csv), { ...options, owner: owner.publicKey });
}

export const VISITS = 'id,"the ""ward"""\r\n1,"a\nb"\r\n2,\r\n3,ü\r\n';
export const LABS = 'id;value\n' + [1, 2, 3, 4, 5, 6, 7].map((id) => `${id};${id * id}\n`).join('');

/** A ledger of 21 blocks with something of everything: two signers, block sizes 1 and 5, an appended file. */
export async function richLedger(seed: string, store: Store | string = memoryStore()): Promise<Ledger> {
  const ledger = await createLedger(store, await owner.identity(), {
    difficulty: 3,
    recovery: [recovery.publicKey],
    clock: steppingClock(),
    random: seeded(seed),
  });
  const { publicKey } = await writer.identity();
  await say(ledger, owner, { kind: 'writer', public_key: publicKey });
  await say(ledger, owner, info('an owner says this'), info('and this'));
  await seal(ledger, { by: owner, name: 'visits', csv: VISITS, blockSize: 1 });
  await say(ledger, writer, info('a writer says this'));
  await seal(ledger, { by: writer, name: 'labs', csv: LABS, blockSize: 5 });
  await seal(ledger, { by: owner, name: 'visits', csv: VISITS.replaceAll('1', '4'), blockSize: 5, append: true });
  await seal(ledger, { by: owner, name: 'codes', csv: 'a\n1\n2\n', blockSize: 1 });
  await say(ledger, owner, { kind: 'writer-removed', public_key: publicKey });
  await say(ledger, owner, info('the last'));
  return ledger;
}

/** The lines of an export, without their line feeds. */
export async function linesOf(ledger: Ledger): Promise<string[]> {
  const text = (await collect(exportLedger(ledger))).toString();
  return text.split('\n').slice(0, -1);
}

export function textOf(lines: readonly string[]): string {
  return lines.map((line) => line + '\n').join('');
}

export function verifyText(text: string | Uint8Array, options: Partial<VerifyOptions> = {}): Promise<Verdict> {
  return verifyItems(decodeExport([Buffer.from(text as Uint8Array)]), options);
}

/**
 * Verifies one by one, and from surveys of a few blocks as threads make them: whatever it is, the verdict is the same to
 * the letter.
 */
export async function verifyItems(
  items: AsyncIterable<BlockItem> | Iterable<BlockItem>,
  options: Partial<VerifyOptions> = {},
): Promise<Verdict> {
  const list: BlockItem[] = [];
  for await (const item of items) list.push(item);
  const complete = { now: new Date(NOW), ...options, bodies: true };
  const verdict = await verifyBlocks(list, complete);
  const size = SURVEYED[runs++ % SURVEYED.length] ?? 1;
  expect(await verifySurveyed(list, complete, size)).toEqual(verdict);
  return verdict;
}

/** How many blocks a survey has: at the edge of one, and where there is none, a block is judged by other lines. */
const SURVEYED = [1, 1000, 2, 5];
let runs = 0;

/** Verifies from surveys of so many blocks, each copied as on its way from a thread. */
export async function verifySurveyed(
  items: readonly BlockItem[],
  options: VerifyOptions,
  size: number,
): Promise<Verdict> {
  const curve = await loadCurve();
  const verifier = new Verifier(curve, options);
  const before = TREES[runs % TREES.length] ?? 'none';
  const surveys = surveysOf(items, curve, options, { size, before }).map((survey) => structuredClone(survey));
  for await (const _ of judgeSurveys(verifier, surveys));
  return verifier.finish();
}

/** A ledger of an export's blocks. */
export async function ledgerOf(text: string): Promise<Ledger> {
  const medium = memoryMedium();
  const clock = (): Date => new Date(NOW);
  const history = new MerkleTree();
  for (const line of text.split('\n').slice(0, -1)) {
    medium.blocks.push(toStored(decodeLine(Buffer.from(line)), history));
  }
  return openLedger(memoryStore(medium), { clock });
}

/** What a person gets of a data set, and the verdict on the ledger that it was read from. */
export async function open(ledger: Ledger, by: Person, dataset: string): Promise<Buffer> {
  const opened = await openDataset(ledger, await by.identity(), { dataset });
  const bytes = await collect(originalBytes(opened));
  const { verdict, left, missing } = opened.report();
  if (!verdict.ok || left.length > 0 || missing > 0) throw new Error('some of the data set was left out');
  return bytes;
}

/** The numbers of the blocks that a verdict finds fault with, in order. */
export function named({ problems }: Verdict): number[] {
  return [...new Set(problems.map(({ block }) => block))].sort((a, b) => a - b);
}
