// A key in hardware that fails says nothing about the grant; one that refuses the point does.

import { describe, expect, test } from 'vitest';
import { generateIdentity, type Identity } from '../../../src/crypto/identity.js';
import { grantInfo, unwrapKey, wrapKey } from '../../../src/crypto/key-wrapping.js';
import { MedsealError } from '../../../src/errors.js';
import { reader, seeded } from '../../helpers/people.js';

const random = seeded('failing token');
const [key, ledgerId] = [random(32), random(32)];
const aad = new Uint8Array(0);

async function unwrapWith(failure: Error): Promise<Uint8Array | null> {
  const identity = await reader.identity();
  const info = grantInfo(ledgerId);
  const grant = await wrapKey(key, identity.publicKey, info, aad, await generateIdentity(random));
  const failing: Identity = {
    publicKey: identity.publicKey,
    sign: (digest) => identity.sign(digest),
    sharedSecret: () => Promise.reject(failure),
  };
  return unwrapKey(grant, failing, info, aad);
}

describe('a key is not unwrapped', () => {
  test('where the token fails: its failure is told', async () => {
    await expect(unwrapWith(new MedsealError('TOKEN_FAILED', 'the token is gone'))).rejects.toMatchObject({
      code: 'TOKEN_FAILED',
    });
  });

  test.each([
    ['where the point is refused', new MedsealError('PUBLIC_KEY_INVALID', 'no point')],
    ['where something else is thrown', new Error('no point')],
  ])('%s: it was not wrapped to this key', async (_, failure) => {
    expect(await unwrapWith(failure)).toBeNull();
  });
});
