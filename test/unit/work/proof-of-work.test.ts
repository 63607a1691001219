import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { singleThreadMiner } from '../../../src/work/miner.js';
import { leadingZeroBits, proofIsSufficient, workHash } from '../../../src/work/proof-of-work.js';
import { leadingZeroBits as naiveZeroBits, smallestProof, workDone } from '../../oracle/block.js';
import { H, hex, u64 } from '../../oracle/bytes.js';

const header = (number: number): Uint8Array => H(u64(number));

describe('leading zero bits', () => {
  test.each([
    [[0x80], 0],
    [[0x40], 1],
    [[0x01], 7],
    [[0x00, 0xff], 8],
    [[0x00, 0x08, 0xff], 12],
    [[0, 0, 0, 0, 0, 0, 1], 55],
    [[0, 0], 16],
    [[], 0],
  ])('of %j are %i', (bytes, bits) => {
    expect(leadingZeroBits(Uint8Array.from(bytes))).toBe(bits);
  });

  test('are counted as one counts them by hand', () => {
    const bytes = fc.tuple(fc.nat(4), fc.uint8Array({ maxLength: 4 }));
    fc.assert(
      fc.property(bytes, ([zeros, rest]) => {
        const all = Uint8Array.from([...new Uint8Array(zeros), ...rest]);
        expect(leadingZeroBits(all)).toBe(naiveZeroBits(all));
      }),
    );
  });
});

describe('a proof of work', () => {
  test('is over the header hash and the proof', () => {
    const proofs = fc.oneof(fc.nat(), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER));
    fc.assert(
      fc.property(fc.nat(), proofs, (number, proof) => {
        const hash = header(number);
        expect(Buffer.from(workHash(hash, proof)).toString('hex')).toBe(hex(H(hash, u64(proof))));
        const bits = workDone(hash, proof);
        expect(proofIsSufficient(hash, proof, bits)).toBe(true);
        expect(proofIsSufficient(hash, proof, bits + 1)).toBe(false);
      }),
    );
  });
});

describe('the miner', () => {
  test.each([0, 1, 3, 4, 5, 8, 11, 12])('finds the smallest proof of difficulty %i', async (difficulty) => {
    for (let number = 0; number < 4; number++) {
      const proof = await singleThreadMiner.mine(header(number), difficulty);
      expect(proof).toBe(smallestProof(header(number), difficulty));
    }
  });

  test('lets other work run, and stops when it is told to', async () => {
    const stop = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      turns++;
      if (turns === 3) stop.abort();
    }, 1);
    const mining = singleThreadMiner.mine(header(1), 48, stop.signal);
    await expect(mining).rejects.toMatchObject({ code: 'ABORTED' });
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  test('does not begin when it has been told to stop', async () => {
    await expect(singleThreadMiner.mine(header(1), 48, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
