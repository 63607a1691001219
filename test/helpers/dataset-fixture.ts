// People, ledgers and files for the tests of data sets, stores and ledgers.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { identityFromPrivateKey, type SoftwareIdentity } from '../../src/crypto/identity.js';
import { type OpenedDataset, type OpenOptions, openDataset } from '../../src/dataset/open.js';
import { originalBytes } from '../../src/dataset/output.js';
import { type SealOptions, type SealResult, sealDataset } from '../../src/dataset/seal.js';
import { MedsealError } from '../../src/errors.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { statementEntry } from '../../src/ledger/writer.js';
import { memoryStore } from '../../src/store/memory.js';
import type { Verdict } from '../../src/verify/verdict.js';

const identity = (byte: number): Promise<SoftwareIdentity> => identityFromPrivateKey(new Uint8Array(32).fill(byte));

export const owner: SoftwareIdentity = await identity(1);
export const writer: SoftwareIdentity = await identity(2);
export const recovery: SoftwareIdentity = await identity(3);
export const stranger: SoftwareIdentity = await identity(5);

type LedgerOptions = NonNullable<Parameters<typeof createLedger>[2]>;

/** A ledger in memory that asks for no work. */
export function newLedger(options: LedgerOptions = {}): Promise<Ledger> {
  return createLedger(memoryStore(), owner, { difficulty: 0, ...options });
}

export async function addWriter(ledger: Ledger): Promise<void> {
  const ofOwner = await ledger.write(owner);
  await ofOwner.append([statementEntry({ kind: 'writer', public_key: writer.publicKey })]);
  await ofOwner.close();
}

/** Seals text or bytes as a stream in one chunk. */
export function seal(
  ledger: Ledger,
  content: string | Uint8Array,
  options: Partial<SealOptions> = {},
): Promise<SealResult> {
  return sealDataset(ledger, owner, streamOf(content), { name: 'x', ...options });
}

/** The bytes in chunks of these sizes, over and over; in one chunk where none is given. */
export async function* streamOf(content: string | Uint8Array, sizes: readonly number[] = []): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(content);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

export async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** A data set, opened and put together again. */
export async function opened(ledger: Ledger, options: OpenOptions = {}, as: SoftwareIdentity = owner): Promise<Buffer> {
  return joined(originalBytes(await openDataset(ledger, as, options)));
}

/** Reads every row, so that the report can be asked for. */
export async function readToEnd(dataset: OpenedDataset): Promise<number[]> {
  const rows: number[] = [];
  for await (const batch of dataset.rows()) rows.push(...batch.map(({ row }) => row));
  return rows;
}

export function verified(ledger: Ledger): Promise<Verdict> {
  return verifyLedger(ledger, { owner: owner.publicKey });
}

/** The error of an attempt that has to fail on purpose. */
export async function refusal(attempt: Promise<unknown> | (() => unknown)): Promise<MedsealError> {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt);
  } catch (error) {
    if (error instanceof MedsealError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** A folder for the files of one test file; gone when its tests have run. */
export function temporaryFolder(): { path: (name: string) => string; file: typeof writeTo } {
  const folder = mkdtempSync(join(tmpdir(), 'medseal-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  return { path, file: (name, content) => writeTo(path(name), content) };
}

function writeTo(path: string, content: string | Uint8Array): string {
  writeFileSync(path, content);
  return path;
}
