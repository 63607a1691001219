// A chain that the notebook's own libraries have made (test/interop/notebook.py), and ways to change it.

import { readFileSync } from 'node:fs';
import type { SoftwareIdentity } from '../../src/crypto/identity.js';
import { importPrivateKey } from '../../src/keys/import.js';
import { type NotebookChain, parseChain } from '../../src/notebook/chain.js';

export type PlainBlock = Record<string, unknown>;

interface Made {
  /** The table that was sealed. */
  readonly csv: string;
  readonly chain: readonly PlainBlock[];
  readonly keys: { readonly private: string; readonly public: string };
  /** What pandas made of its rows. */
  readonly texts: readonly string[];
  /** JSON, and what `json.dumps(json.loads(it), sort_keys=True)` gives. */
  readonly dumped: readonly (readonly [string, string])[];
  /** Floats, and what `repr` gives. */
  readonly repr: readonly (readonly [string, string])[];
}

const file = new URL('../unit/notebook/made-by-python.json', import.meta.url);
export const made: Made = JSON.parse(readFileSync(file, 'utf8'));
export const keyHolder: SoftwareIdentity = await importPrivateKey(JSON.stringify(made.keys));

export function chainOf(blocks: readonly unknown[]): NotebookChain {
  return parseChain(Buffer.from(JSON.stringify({ chain: blocks, length: blocks.length })));
}

/** The chain with some fields of one block, counted from 1, set. */
export function withFields(place: number, fields: PlainBlock): PlainBlock[] {
  return made.chain.map((block, i) => (i + 1 === place ? { ...block, ...fields } : block));
}
