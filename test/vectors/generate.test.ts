// The committed vectors are those that the generator makes. MEDSEAL_WRITE_VECTORS=1 writes them instead.

import { expect, test } from 'vitest';
import { readVectorText, vectorFiles, writeVectors } from './files.js';
import { generateVectors } from './generate.js';

const files = generateVectors();

test('every vector is made anew, byte for byte', () => {
  if (process.env.MEDSEAL_WRITE_VECTORS === '1') writeVectors(files);
  expect(vectorFiles()).toEqual([...files.keys()].sort());
  for (const [path, text] of files) expect(readVectorText(path), path).toBe(text);
});
