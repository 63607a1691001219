import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileKernel, hashKernel, type Kernel, kernelOf } from '../../../src/work/kernel/kernel.js';
import { smallestProof, workDone } from '../../oracle/block.js';
import { H, u64 } from '../../oracle/bytes.js';
import { vectorsIn } from '../../vectors/files.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const simdKernel = kernelOf(await compileKernel());
const kernels: [string, Kernel][] = [
  ['simd', simdKernel],
  ['hash', hashKernel],
];
const header = (number: number): Uint8Array => H(u64(number));
const HALF = 2 ** 32;

/** The first of the proofs that reaches the difficulty, tried one by one. */
function firstOf(headerHash: Uint8Array, difficulty: number, from: number, to: number): number | null {
  for (let proof = from; proof < to; proof++) if (workDone(headerHash, proof) >= difficulty) return proof;
  return null;
}

/** A proof of more than 32 bits: rare enough to be kept once it is found. It lies beyond 2^32, too. */
const RARE = { hash: H(new TextEncoder().encode('medseal')), proof: 6_993_255_423, bits: 33 };

test('there are two kernels to test', () => {
  expect(kernels.map(([, { name }]) => name)).toEqual(['simd', 'hash']);
});

describe.each(kernels)('the kernel "%s"', (_, kernel) => {
  const headers = fc.uint8Array({ minLength: 32, maxLength: 32 });

  test('finds the smallest proof for any header', () => {
    fc.assert(
      fc.property(headers, fc.integer({ min: 1, max: 10 }), (hash, difficulty) => {
        const proof = smallestProof(hash, difficulty);
        expect(kernel.prepare(hash, difficulty)(0, HALF)).toBe(proof);
      }),
    );
  });

  test('looks at what it is told to and at nothing else, wherever that begins and ends', () => {
    const starts = fc.oneof(
      fc.integer({ min: HALF - 40, max: HALF + 40 }),
      fc.integer({ min: 5 * HALF - 40, max: 5 * HALF + 40 }),
      fc.integer({ min: 2 ** 50, max: 2 ** 52 }),
      fc.nat(),
    );
    fc.assert(
      fc.property(headers, fc.integer({ min: 1, max: 8 }), starts, fc.nat(90), (hash, difficulty, from, length) => {
        const search = kernel.prepare(hash, difficulty);
        expect(search(from, from + length)).toBe(firstOf(hash, difficulty, from, from + length));
      }),
      { numRuns: 300 },
    );
  });

  test('keeps searches that take turns apart, and what is done with a header afterwards', () => {
    const own = [header(1), header(2)];
    const searches = own.map((hash) => kernel.prepare(hash, 7));
    for (const hash of own) hash.fill(0);
    for (let from = 0; from < 400; from += 20) {
      for (const [i, search] of searches.entries()) {
        expect(search(from, from + 20)).toBe(firstOf(header(i + 1), 7, from, from + 20));
      }
    }
  });

  test('tells each number of bits from one more, in the second word of the hash too', () => {
    const { hash, proof, bits } = RARE;
    expect(workDone(hash, proof)).toBe(bits);
    for (const difficulty of [1, 31, 32, bits]) {
      expect(kernel.prepare(hash, difficulty)(proof, proof + 1)).toBe(proof);
    }
    for (const difficulty of [bits + 1, bits + 7, 48]) {
      expect(kernel.prepare(hash, difficulty)(proof, proof + 1)).toBe(null);
    }
  });

  test.each(vectorsIn<{ header_hash: string; difficulty: number; expect: { proof: number } }>('work'))(
    'gives the proof of the vector %s',
    (name, { header_hash, difficulty, expect: { proof } }) => {
      // Without difficulty there is nothing to search.
      if (difficulty === 0) expect(name).toContain('0-bits');
      else expect(kernel.prepare(Buffer.from(header_hash, 'hex'), difficulty)(0, HALF)).toBe(proof);
    },
  );
});

describe('without WebAssembly', () => {
  const kernelModule = join(root, 'dist/work/kernel/kernel.js');
  const program = `
    import { compileKernel, kernelOf } from ${JSON.stringify(kernelModule)};
    console.log(kernelOf(await compileKernel()).name);`;
  const nameUnder = (before: string, ...flags: string[]): string =>
    execFileSync(process.execPath, [...flags, '--input-type=module', '-e', before + program], {
      encoding: 'utf8',
    }).trim();

  test.each([
    ['a platform that has it', '', 'simd'],
    ['a platform without it', 'delete globalThis.WebAssembly;', 'hash'],
    [
      'one without SIMD, or a page that forbids it',
      "WebAssembly.compile = async () => { throw new Error('no'); };",
      'hash',
    ],
  ])('%s has its kernel', (_, before, name) => {
    expect(nameUnder(before)).toBe(name);
  });

  test('an engine that compiles nothing has the other kernel', () => {
    expect(nameUnder('', '--jitless')).toBe('hash');
  });

  test.runIf(process.arch === 'x64')('a processor without vectors has the other kernel', () => {
    expect(nameUnder('', '--no-enable-sse4-1')).toBe('hash');
  });
});

test('the kernel is made anew byte for byte from its source', () => {
  const folder = mkdtempSync(join(tmpdir(), 'medseal-kernel-'));
  try {
    const made = join(folder, 'code.ts');
    execFileSync(process.execPath, ['scripts/build-kernel.mjs', made], { cwd: root });
    expect(readFileSync(made, 'utf8')).toBe(readFileSync(join(root, 'src/work/kernel/code.ts'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
