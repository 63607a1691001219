// What is pinned and is no key, or no id, is the caller's mistake: it accuses no ledger and no proof.

import { expect, test } from 'vitest';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { verifyCertificate } from '../../../src/proof/verify-certificate.js';
import { verifyProof } from '../../../src/proof/verify-proof.js';
import { verifyBlocks } from '../../../src/verify/judging.js';
import { ledgerOf, textOf } from '../../helpers/ledgers.js';
import { NOW, OFF_CURVE, owner } from '../../helpers/people.js';

const MISTYPED = [
  owner.publicKey.slice(0, -1),
  `${owner.publicKey}0`,
  owner.publicKey.toUpperCase(),
  ` ${owner.publicKey.slice(1)}`,
  `05${owner.publicKey.slice(2)}`,
  OFF_CURVE,
  '',
];
const now = new Date(NOW);
const refused = { code: 'ARGUMENT_INVALID' };

test.each(MISTYPED)('an owner %j', async (pin) => {
  await expect(verifyBlocks([], { now, owner: pin })).rejects.toMatchObject(refused);
  await expect(verifyBlocks([], { now, presumedOwner: pin as never })).rejects.toMatchObject(refused);
  const ledger = await ledgerOf(textOf([]));
  await expect(verifyLedger(ledger, { now, owner: pin })).rejects.toMatchObject(refused);
  await expect(verifyProof(new Uint8Array(3), { owner: pin })).rejects.toMatchObject(refused);
  await expect(verifyCertificate(new Uint8Array(3), { owner: pin })).rejects.toMatchObject(refused);
});

test.each(['', 'ab', 'AB'.repeat(32), 'ab'.repeat(33), 'xy'.repeat(32)])('an id %j', async (pin) => {
  await expect(verifyBlocks([], { now, ledger: pin })).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('"ledger"'),
  });
});
