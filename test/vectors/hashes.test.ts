// Canonical JSON, trees, work and block hashes.

import { expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { loadCurve, type PublicKey } from '../../src/crypto/secp256k1.js';
import { MedsealError } from '../../src/errors.js';
import { blockHash, type Header, headerHash, headerJson, signingDigest } from '../../src/format/header.js';
import { canonicalize, parseCanonical } from '../../src/format/json.js';
import { treeHash } from '../../src/merkle/tree.js';
import { singleThreadMiner } from '../../src/work/miner.js';
import { leadingZeroBits, proofIsSufficient, workHash } from '../../src/work/proof-of-work.js';
import { vectorsIn } from './files.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

interface BlockVector {
  readonly header: Header;
  readonly private_key: string;
  readonly expect: Record<
    'header_json' | 'header_hash' | 'work_hash' | 'signing_digest' | 'signature' | 'block_hash',
    string
  > & { readonly proof: number };
}

test.each(vectorsIn<BlockVector>('hash'))('hash %s', async (_, { header, private_key, expect: expected }) => {
  const curve = await loadCurve();
  const hash = headerHash(header);
  const proof = await singleThreadMiner.mine(hash, header.difficulty);
  const digest = signingDigest(hash, proof);
  const signature = curve.sign(bytes(private_key), digest);
  expect({
    header_json: headerJson(header),
    header_hash: toHex(hash),
    proof,
    work_hash: toHex(workHash(hash, proof)),
    signing_digest: toHex(digest),
    signature: toHex(signature),
    block_hash: toHex(blockHash(hash, proof, signature)),
  }).toEqual(expected);
  expect(curve.publicKey(bytes(private_key))).toBe(header.signer);
  expect(curve.verify(header.signer as PublicKey, digest, signature)).toBe(true);
});

interface WorkVector {
  readonly header_hash: string;
  readonly difficulty: number;
  readonly expect: { readonly proof: number; readonly work_hash: string; readonly leading_zero_bits: number };
}

test.each(vectorsIn<WorkVector>('work'))('work of %s', async (_, { header_hash, difficulty, expect: expected }) => {
  const hash = bytes(header_hash);
  const proof = await singleThreadMiner.mine(hash, difficulty);
  const work = workHash(hash, proof);
  expect({ proof, work_hash: toHex(work), leading_zero_bits: leadingZeroBits(work) }).toEqual(expected);
  expect(proofIsSufficient(hash, proof, difficulty)).toBe(true);
  expect(proofIsSufficient(hash, proof, expected.leading_zero_bits + 1)).toBe(false);
});

interface TreeVector {
  readonly leaves: readonly string[];
  readonly expect: { readonly root: string };
}

test.each(vectorsIn<TreeVector>('merkle'))('tree of %s', (_, { leaves, expect: expected }) => {
  expect(toHex(treeHash(leaves.map(bytes)))).toBe(expected.root);
});

interface JsonVector {
  readonly text_base64: string;
  readonly max_depth: number;
  readonly expect: { readonly ok: boolean; readonly code?: string };
}

test.each(vectorsIn<JsonVector>('json'))('JSON %s', (_, { text_base64, max_depth, expect: expected }) => {
  const text = Uint8Array.from(Buffer.from(text_base64, 'base64'));
  let code: string | undefined;
  try {
    expect(canonicalize(parseCanonical(text, max_depth))).toBe(Buffer.from(text).toString());
  } catch (error) {
    if (!(error instanceof MedsealError)) throw error;
    code = error.code;
  }
  expect(code).toBe(expected.code);
});
