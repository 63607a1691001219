import { describe, expect, test } from 'vitest';
import { singleThreadMiner } from '../../src/work/miner.js';
import { bundle, inBrowser, noBrowser } from './page.js';

const HEADERS = [0, 1, 2, 3].map((number) => new Uint8Array(32).fill(number));
const DIFFICULTY = 14;

const miner = `
  import { loadKernel, singleThreadMiner } from './work/miner.js';
  globalThis.run = async (headers) => {
    const { kernel } = await loadKernel();
    const proofs = [];
    for (const header of headers) proofs.push(await singleThreadMiner.mine(new Uint8Array(header), ${DIFFICULTY}));
    return { kernel: kernel.name, proofs };
  };`;

describe.skipIf(noBrowser)('the miner in a browser', () => {
  test.each([
    ['that lets pages use WebAssembly', 'simd', "script-src 'unsafe-inline' 'wasm-unsafe-eval'"],
    ['whose page has a policy against it', 'hash', "script-src 'unsafe-inline'"],
  ])('%s finds the same proofs', async (_, kernel, policy) => {
    const proofs = await Promise.all(HEADERS.map((header) => singleThreadMiner.mine(header, DIFFICULTY)));
    const headers = HEADERS.map((header) => [...header]);
    expect(inBrowser(await bundle(miner), headers, policy)).toEqual({ kernel, proofs });
  });
});
