// What is read of proofs, certificates, checkpoints and saved states, altered ten thousand times each: by bytes, and by what
// they say in the right form. None is accepted, and each refusal has a code.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Curve, loadCurve, type PublicKey } from '../../src/crypto/secp256k1.js';
import { MedsealError } from '../../src/errors.js';
import { isSignedBy, parseCheckpoint } from '../../src/format/checkpoint.js';
import { decodeLine } from '../../src/format/exchange.js';
import { makeCheckpoint } from '../../src/ledger/checkpoint.js';
import { verifyCertificate } from '../../src/proof/verify-certificate.js';
import { verifyProof } from '../../src/proof/verify-proof.js';
import { encodeSaved, parseSaved, type SavedState } from '../../src/verify/saved.js';
import { Verifier } from '../../src/verify/verifier.js';
import { alterBytes, alterJson } from '../helpers/alterations.js';
import { linesOf, richLedger } from '../helpers/ledgers.js';
import { NOW, owner, stranger } from '../helpers/people.js';
import { pythonHas, runPython } from '../helpers/python.js';
import { type NextNumber, numbersFrom, SEED } from '../helpers/random-numbers.js';
import { checkCertificate } from '../oracle/certificate.js';
import { isSignedBy as oracleSigned, readCheckpoint, signatureLine } from '../oracle/checkpoint.js';
import { type Json, type JsonObject, jcs } from '../oracle/jcs.js';
import { checkProof } from '../oracle/proof.js';
import { vectorsIn } from '../vectors/files.js';

const EACH = 10_000;
/** One in so many is read in Python too. */
const IN_PYTHON = 8;
const CODES = new Set(
  ['docs/errors.md', 'spec/verification.md', 'spec/proofs.md']
    .flatMap((page) => [...readFileSync(page, 'utf8').matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)])
    .map(([, code]) => code),
);

let curve: Curve;
beforeAll(async () => {
  curve = await loadCurve();
  console.info(`MEDSEAL_TEST_SEED=${SEED}`);
});

interface Sample {
  readonly what: string;
  readonly owner: string;
  readonly bytes: Uint8Array;
  /** What is said of it here. */
  readonly code: string;
}

const samples: Sample[] = [];

/** How often each code has come. */
function counter(): { count: (code: string | undefined, what: string) => void; say: () => void } {
  const counts = new Map<string, number>();
  return {
    count(code, what) {
      if (code === undefined || !CODES.has(code)) throw new Error(`${what}: ${code} is no code`);
      counts.set(code, (counts.get(code) ?? 0) + 1);
    },
    say: () => console.info(Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))),
  };
}

/** What an attempt throws, which must have a code. */
function codeOf(attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    if (error instanceof MedsealError) return error.code;
    throw error;
  }
}

/** Files that are canonical JSON with a line feed behind it. */
interface Judge {
  readonly files: readonly { readonly owner: string; readonly file: string }[];
  readonly verify: (bytes: Uint8Array, owner: string) => Promise<{ ok: boolean; problem: { code: string } | null }>;
  readonly oracle: (text: string, owner: string) => { ok: boolean; code?: string };
  /** What is altered into this says less, and nothing else. */
  readonly less?: (file: JsonObject) => Json;
}

async function expectNoneAccepted(
  name: string,
  { files, verify, oracle, less = (said) => said }: Judge,
): Promise<void> {
  const next = numbersFrom(name);
  const { count, say } = counter();
  for (let i = 0; i < EACH; i++) {
    const { owner: key, file } = files[i % files.length]!;
    const byBytes = next(2) === 0;
    const json = byBytes ? null : alterJson(JSON.parse(file) as Json, next);
    const bytes = json === null ? alterBytes(Buffer.from(file), next) : Buffer.from(`${jcs(json.altered)}\n`);
    if (json !== null && jcs(json.altered) === jcs(less(JSON.parse(file) as JsonObject))) continue;
    const { ok, problem } = await verify(bytes, key);
    const what = `number ${i}, ${json === null ? 'bytes' : json.path.join('.')}: ${bytes}`;
    if (ok) throw new Error(`accepted: ${what}`);
    count(problem?.code, what);
    if (i % IN_PYTHON === 0) samples.push({ what: name, owner: key, bytes, code: String(problem?.code) });
    // The oracle reads text.
    if (bytes.equals(Buffer.from(bytes.toString())))
      expect(oracle(bytes.toString(), key), what).toMatchObject({ ok: false, code: problem?.code });
  }
  say();
}

const good = <Vector extends { owner: string }>(folder: string, file: (vector: Vector) => string) =>
  vectorsIn<Vector>(folder)
    .filter(([name]) => name.startsWith('ok') && !name.includes('witnessed'))
    .map(([, vector]) => ({ owner: vector.owner, file: file(vector) }));

test('record proofs', async () => {
  const files = good<{ owner: string; proof: string }>('proof', ({ proof }) => proof);
  expect(files.length).toBeGreaterThan(8);
  await expectNoneAccepted('proof', {
    files,
    verify: (bytes, key) => verifyProof(bytes, { owner: key }),
    oracle: (text, key) => checkProof(text, key),
    // A proof that does not disclose the record proves the same.
    less: ({ disclosed: _, ...others }) => others,
  });
});

test('certificates', async () => {
  const files = good<{ owner: string; certificate: string }>('certificate', ({ certificate }) => certificate);
  expect(files.length).toBeGreaterThan(5);
  await expectNoneAccepted('certificate', {
    files,
    verify: (bytes, key) => verifyCertificate(bytes, { owner: key }),
    oracle: (text, key) => checkCertificate(text, key),
  });
});

describe('of a ledger,', () => {
  let lines: string[];
  let checkpoint: string;
  let saved: SavedState;

  beforeAll(async () => {
    const ledger = await richLedger('alterations');
    lines = await linesOf(ledger);
    ({ text: checkpoint } = await makeCheckpoint(ledger, await owner.identity()));
    const verifier = new Verifier(curve, { now: new Date(NOW), owner: owner.publicKey });
    for (const line of lines) verifier.push(decodeLine(Buffer.from(line)));
    saved = verifier.save()!;
  });

  /** What a verification that goes on from the state says of the ledger and a checkpoint. */
  function verdictWith(bytes: Uint8Array): { ok: boolean; codes: string[] } {
    const given = { since: saved, checkpoint: parseCheckpoint(bytes) };
    const { ok, problems } = new Verifier(curve, { now: new Date(NOW), owner: owner.publicKey, ...given }).finish();
    return { ok, codes: problems.map(({ code }) => code) };
  }

  /** A note altered in bytes, or in what it says, most of it still in its form. */
  function alteredNote(note: string, next: NextNumber): Buffer {
    if (next(2) === 0) return alterBytes(Buffer.from(note), next);
    const [text, signatures] = note.split('\n\n') as [string, string];
    const parts = [...text.split('\n'), ...signatures.slice(0, -1).split(' ')];
    for (;;) {
      const { altered } = alterJson(parts, next);
      const [origin, size, root, ...line] = Array.isArray(altered) ? altered.map(String) : [];
      const other = `${origin}\n${size}\n${root}\n\n${line.join(' ')}\n`;
      if (other !== note) return Buffer.from(other);
    }
  }

  test('checkpoints', () => {
    const next = numbersFrom('checkpoints');
    const { count, say } = counter();
    expect(verdictWith(Buffer.from(checkpoint))).toEqual({ ok: true, codes: [] });
    for (let i = 0; i < EACH; i++) {
      const bytes = alteredNote(checkpoint, next);
      const what = `number ${i}: ${bytes}`;
      let found: { ok: boolean; codes: string[] } | null = null;
      const refused = codeOf(() => {
        found = verdictWith(bytes);
      });
      const { ok, codes } = found ?? { ok: false, codes: [String(refused)] };
      if (ok) throw new Error(`accepted: ${what}`);
      for (const code of codes) count(code, what);
      const code = refused ?? 'CHECKPOINT_UNSIGNED';
      if (i % IN_PYTHON === 0) samples.push({ what: 'checkpoint', owner: owner.publicKey, bytes, code });
      if (bytes.equals(Buffer.from(bytes.toString())))
        expect(oracleAccepts(bytes.toString()), what).toBe(refused === null ? 'another signature' : 'another form');
    }
    say();
  });

  function oracleAccepts(note: string): string {
    try {
      return oracleSigned(readCheckpoint(note), owner.publicKey) ? 'accepted' : 'another signature';
    } catch {
      return 'another form';
    }
  }

  test('checkpoints with lines of others, which are passed over, say the same or nothing', () => {
    const next = numbersFrom('witnesses');
    const [text, own] = checkpoint.split('\n\n') as [string, string];
    const ledger = text.split('\n')[0]!.slice('medseal/'.length);
    const witness = `— witness.example/w ${Buffer.alloc(68, 7).toString('base64')}\n`;
    const other = signatureLine(ledger, `${text}\n`, stranger.privateKey);
    const note = `${text}\n\n${witness}${own}${other}`;
    expect(verdictWith(Buffer.from(note)).ok).toBe(true);
    let accepted = 0;
    for (let i = 0; i < EACH / 10; i++) {
      const bytes = alterBytes(Buffer.from(note), next);
      const refused = codeOf(() => parseCheckpoint(bytes));
      if (refused !== null) {
        expect(refused).toBe('CHECKPOINT_INVALID');
        continue;
      }
      const read = parseCheckpoint(bytes);
      if (!isSignedBy(read, owner.publicKey as PublicKey, curve)) continue;
      accepted++;
      expect(bytes.toString().startsWith(`${text}\n\n`), `number ${i}: ${bytes}`).toBe(true);
      expect(bytes.toString().split('\n'), `number ${i}: ${bytes}`).toContain(own.trimEnd());
    }
    expect(accepted).toBeGreaterThan(EACH / 100);
  });

  test('checkpoints that are given beside a proof', async () => {
    const next = numbersFrom('given');
    const { count, say } = counter();
    const [[, vector] = []] = vectorsIn<{ owner: string; proof: string; checkpoint: string }>('proof').filter(
      ([name]) => name === 'ok-given-checkpoint',
    );
    if (vector === undefined) throw new Error('there is no such vector');
    for (let i = 0; i < EACH / 10; i++) {
      const bytes = alteredNote(vector.checkpoint, next);
      const refused = codeOf(() => parseCheckpoint(bytes));
      const given = {
        owner: vector.owner,
        checkpoint: parseCheckpoint(refused === null ? bytes : Buffer.from(checkpoint)),
      };
      const { ok, problem } = await verifyProof(Buffer.from(vector.proof), given);
      if (ok) throw new Error(`accepted: number ${i}: ${bytes}`);
      count(refused ?? problem?.code, `number ${i}: ${bytes}`);
    }
    say();
  });

  test('saved states', () => {
    const next = numbersFrom('states');
    const { count, say } = counter();
    const file = Buffer.from(encodeSaved(saved));
    const value = JSON.parse(file.toString()) as Json;
    expect(parseSaved(file)).toEqual(saved);
    for (let i = 0; i < EACH; i++) {
      const bytes = next(2) === 0 ? alterBytes(file, next) : Buffer.from(jcs(alterJson(value, next).altered));
      const code = codeOf(() => parseSaved(bytes));
      if (code === null) throw new Error(`accepted: number ${i}: ${bytes}`);
      count(code, `number ${i}`);
    }
    say();
  });
});

describe.skipIf(!pythonHas('medseal'))('in Python', () => {
  test('the same is said of them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'medseal-alterations-'));
    try {
      const lines = samples.map(({ what, owner: key, bytes }) =>
        JSON.stringify({ what, owner: key, file: Buffer.from(bytes).toString('base64') }),
      );
      writeFileSync(join(folder, 'samples'), `${lines.join('\n')}\n`);
      const said = runPython('test/long/alterations.py', join(folder, 'samples')).trimEnd().split('\n');
      expect(samples.length).toBeGreaterThan((2 * EACH) / IN_PYTHON);
      expect(said.length).toBe(samples.length);
      for (const [i, { bytes, code }] of samples.entries()) expect(said[i], Buffer.from(bytes).toString()).toBe(code);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
