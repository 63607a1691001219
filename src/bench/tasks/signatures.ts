import { sha256 } from '#primitives';
import { u64 } from '../../bytes.js';
import { generateIdentity } from '../../crypto/identity.js';
import { loadCurve } from '../../crypto/secp256k1.js';
import { type Done, expectRight, timed } from './done.js';

export interface SignaturesTask {
  readonly checks: number;
}

/** Checks signatures on this thread and does nothing else: the limit of a verifier that has to check each one. */
export async function run({ checks }: SignaturesTask): Promise<Done> {
  const curve = await loadCurve();
  const { publicKey, sign } = await generateIdentity();
  const digest = sha256(u64(1));
  const signature = await sign(digest);
  return timed(checks, async () => {
    for (let i = 0; i < checks; i++) expectRight(curve.verify(publicKey, digest, signature), 'a signature was refused');
  });
}
