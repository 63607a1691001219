// What an approver may sign who is neither owner nor writer: what has been approved, and the grants that it demands.

import { expect, test } from 'vitest';
import { BASE, type Entries, oracleText, raw } from '../../helpers/breaking.js';
import { verifyText } from '../../helpers/ledgers.js';
import { owner, reader, stranger } from '../../helpers/people.js';
import { approved, grantRole, rolePair, say, together } from '../../oracle/say.js';

const rule = { from: [reader.publicKey, stranger.publicKey], threshold: 2 };
const rules = raw(say({ kind: 'rules', rules: { role: rule } }));
const newRole = approved({ kind: 'role', name: 'nurses', public_key: rolePair('nurses').publicKey }, [
  reader.privateKey,
  stranger.privateKey,
]);
const grants = (...to: string[]): Entries => grantRole('nurses', to);

async function found(entries: Entries) {
  const verdict = await verifyText(oracleText([...BASE, rules, raw(entries, reader)]));
  return verdict.problems.map(({ block, entry, code }) => [block, entry, code]);
}

test('a role that has been approved, with the grants that it needs', async () => {
  expect(await found(together(newRole, grants(owner.publicKey)))).toEqual([]);
});

test('not without these grants, nor with others', async () => {
  expect(await found(newRole)).toEqual([[8, 0, 'GRANT_MISSING']]);
  const more = await found(together(newRole, grants(owner.publicKey, reader.publicKey)));
  expect(more).toEqual([[8, 2, 'STATEMENT_UNAUTHORISED']]);
});

test('nothing else, approved or not', async () => {
  const info = say({ kind: 'info-x' });
  expect(await found(together(newRole, grants(owner.publicKey), info))).toEqual([[8, null, 'SIGNER_UNAUTHORISED']]);
  expect(await found(info)).toEqual([[8, null, 'SIGNER_UNAUTHORISED']]);
  const audit = approved({ kind: 'audit', on: true }, [reader.privateKey, stranger.privateKey]);
  expect(await found(audit)).toEqual([[8, 0, 'STATEMENT_UNAUTHORISED']]);
});
