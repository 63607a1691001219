// Every proof and checkpoint vector against the implementation and against the oracle.

import { describe, expect, test } from 'vitest';
import { loadCurve, type PublicKey } from '../../src/crypto/secp256k1.js';
import type { MedsealError } from '../../src/errors.js';
import { isSignedBy, parseCheckpoint } from '../../src/format/checkpoint.js';
import { decodeProof, encodeProof } from '../../src/proof/record-proof.js';
import { verifyProof } from '../../src/proof/verify-proof.js';
import { Fault } from '../oracle/bytes.js';
import { isSignedBy as oracleIsSignedBy, readCheckpoint } from '../oracle/checkpoint.js';
import { checkProof } from '../oracle/proof.js';
import { vectorsIn } from './files.js';

interface ProofVector {
  readonly owner: string;
  readonly checkpoint?: string;
  readonly proof: string;
  readonly expect: { readonly ok: boolean; readonly code?: string; readonly [member: string]: unknown };
}

interface CheckpointVector {
  readonly owner: string;
  readonly checkpoint: string;
  readonly expect: { readonly ok: boolean; readonly code?: string; readonly signed?: boolean };
}

const base64 = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64');

describe.each(vectorsIn<ProofVector>('proof'))('proof %s', (_, vector) => {
  const { owner, checkpoint, proof, expect: expected } = vector;

  test('to the implementation', async () => {
    const given = checkpoint === undefined ? {} : { checkpoint: parseCheckpoint(Buffer.from(checkpoint)) };
    const { ok, problem, record } = await verifyProof(Buffer.from(proof), { owner, ...given });
    const found =
      record === null
        ? { ok, code: problem?.code }
        : { ok, ...record, ...record.anchor, content_base64: base64(record.content) };
    expect(found).toMatchObject(expected);
  });

  test('to the oracle', () => {
    const result = checkProof(proof, owner, checkpoint);
    expect(result.ok ? { ...result, content_base64: base64(result.content) } : result).toMatchObject(expected);
  });

  if (!expected.ok) return;
  test('is written again as it was', () => {
    expect(Buffer.from(encodeProof(decodeProof(Buffer.from(proof)))).toString()).toBe(proof);
  });
});

describe.each(vectorsIn<CheckpointVector>('checkpoint'))(
  'checkpoint %s',
  (_, { owner, checkpoint, expect: expected }) => {
    test('to the implementation', async () => {
      const curve = await loadCurve();
      const read = () => {
        try {
          const { ledger, size, root, ...note } = parseCheckpoint(Buffer.from(checkpoint));
          const signed = isSignedBy({ ledger, size, root, ...note }, owner as PublicKey, curve);
          return { ok: true, ledger, size, root, signed };
        } catch (error) {
          return { ok: false, code: (error as MedsealError).code };
        }
      };
      expect(read()).toEqual(expected);
    });

    test('to the oracle', () => {
      const read = () => {
        try {
          const note = readCheckpoint(checkpoint);
          return {
            ok: true,
            ledger: note.ledger,
            size: note.size,
            root: note.root,
            signed: oracleIsSignedBy(note, owner),
          };
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
          return { ok: false };
        }
      };
      expect(expected).toMatchObject(read());
    });
  },
);
