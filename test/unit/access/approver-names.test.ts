// What the keys that rules name are called.

import { expect, test } from 'vitest';
import { approverNames, namesStatement } from '../../../src/access/approver-names.js';
import { ann, bob, saying, stateOf } from '../../helpers/access.js';
import { addWriter, newLedger, owner, refusal, writer } from '../../helpers/dataset-fixture.js';

const named = (...names: [typeof ann, string][]) =>
  namesStatement(new Map(names.map(([{ publicKey }, name]) => [publicKey, name])));

test('the owner names keys; the latest name counts', async () => {
  const ledger = await newLedger();
  await saying(ledger, () => [named([ann, 'dpo'], [bob, 'cmo'])]);
  await saying(ledger, () => [named([bob, 'Dr. Bó'])]);
  expect(await approverNames(ledger, await stateOf(ledger))).toEqual(
    new Map([
      [ann.publicKey, 'dpo'],
      [bob.publicKey, 'Dr. Bó'],
    ]),
  );
});

test('a writer names nobody', async () => {
  const ledger = await newLedger();
  await addWriter(ledger);
  await saying(ledger, () => [named([ann, 'dpo'])], writer);
  await saying(ledger, () => [{ kind: 'info-approvers', names: ['dpo'] }]);
  expect(await approverNames(ledger, await stateOf(ledger))).toEqual(new Map());
});

test.each(['', 'x'.repeat(65), 'a\nb'])('a name that is none: %j', async (name) => {
  expect((await refusal(() => named([owner, name]))).code).toBe('ARGUMENT_INVALID');
});
