import { describe, expect, test } from 'vitest';
import { grantGroups, renewKeys, revokeGroups } from '../../../src/access/group-keys.js';
import { expiredAt } from '../../../src/access/keyring.js';
import { membersOf, readingsOf } from '../../../src/access/readings.js';
import { addMember, createRole, removeMember } from '../../../src/access/roles.js';
import { transferOwnership } from '../../../src/access/succession.js';
import { toHex } from '../../../src/bytes.js';
import type { Identity } from '../../../src/crypto/identity.js';
import type { PublicKey } from '../../../src/crypto/secp256k1.js';
import { listDatasets } from '../../../src/dataset/directory.js';
import { openDataset } from '../../../src/dataset/open.js';
import { type Timestamp, timestampOf } from '../../../src/format/timestamp.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { ann, bob, eve, keysOfTable, ledgerWithTable, opens, saying, stateOf } from '../../helpers/access.js';
import { owner, recovery, refusal } from '../../helpers/dataset-fixture.js';

const SOON = timestampOf(new Date(Date.now() + 86_400_000));
const PAST = '2020-01-01T00:00:00.000Z' as Timestamp;

describe('a grant', () => {
  test('lets its reader open the data set, and nobody else', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    await saying(ledger, (granter) => grantGroups(granter, keys, ann.publicKey, { reason: 'trial 7' }));
    expect(await opens(ledger, ann)).toEqual(keys);
    expect(await opens(ledger, eve)).toEqual([]);
    expect(readingsOf(await stateOf(ledger), keys, SOON)).toMatchObject([
      { reader: owner.publicKey, role: null },
      { reader: ann.publicKey, role: null, expired: false, expires: null },
    ]);
    expect((await verifyLedger(ledger)).ok).toBe(true);
  });

  test('that has expired is not honoured by tools, and reported', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    await saying(ledger, (granter) => grantGroups(granter, keys, ann.publicKey, { expires: PAST }));
    expect(await opens(ledger, ann)).toEqual([]);
    expect(await opens(ledger, ann, new Date('2019-06-01'))).toEqual(keys);
    const readings = readingsOf(await stateOf(ledger), keys, SOON);
    expect(readings.find(({ reader }) => reader === ann.publicKey)).toMatchObject({ expires: PAST, expired: true });
    const { datasets } = await listDatasets(ledger, ann);
    expect(datasets).toMatchObject([{ granted: false, groups: [{ access: 'not granted', expired: PAST }] }]);
    for (const dataset of ['visits', undefined]) {
      const attempt = openDataset(ledger, ann, dataset === undefined ? {} : { dataset });
      expect((await refusal(attempt)).code).toBe('NOT_GRANTED');
    }
    expect((await listDatasets(ledger, eve)).datasets).toMatchObject([{ groups: [{ expired: null }] }]);
    expect((await listDatasets(ledger, owner)).datasets).toMatchObject([
      { granted: true, groups: [{ expired: null }] },
    ]);
  });

  test('that has expired is known by its date, also where it was a role’s, or a membership of one', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    const later = '2021-01-01T00:00:00.000Z' as Timestamp;
    await saying(ledger, (granter) => createRole(granter, 'researcher', [bob.publicKey]));
    await saying(ledger, (granter) => addMember(granter, 'researcher', ann.publicKey, { expires: PAST }));
    const role = (await stateOf(ledger)).roles.get('researcher')?.publicKey as PublicKey;
    await saying(ledger, (granter) => grantGroups(granter, keys, role, { expires: later }));
    const at = async (who: Identity, now: Timestamp): Promise<Timestamp | null> =>
      expiredAt(await stateOf(ledger), keys, who.publicKey, now);
    // What comes first ends it.
    expect(await at(ann, SOON)).toBe(PAST);
    expect(await at(bob, SOON)).toBe(later);
    expect(await at(bob, PAST)).toBe(null);
    expect(await at(eve, SOON)).toBe(null);
    await saying(ledger, (granter) => grantGroups(granter, keys, ann.publicKey, { expires: later }));
    expect(await at(ann, SOON)).toBe(later);
  });

  test('is not made twice on the same terms, but on others', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    const grant = (expires?: Timestamp) =>
      saying(ledger, (granter) => grantGroups(granter, keys, ann.publicKey, expires === undefined ? {} : { expires }));
    await grant(SOON);
    expect((await refusal(grant(SOON))).code).toBe('GRANT_EXISTS');
    await grant();
    expect(await opens(ledger, ann, new Date('2999-01-01'))).toEqual(keys);
  });

  test('is not made by who does not hold the key', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    const attempt = saying(ledger, (granter) => grantGroups(granter, keys, eve.publicKey), ann);
    expect((await refusal(attempt)).code).toBe('SIGNER_UNAUTHORISED');
  });
});

describe('a revocation', () => {
  test('ends the grant for tools, and closes the key: later rows come under another', async () => {
    const ledger = await ledgerWithTable();
    const [first = ''] = await keysOfTable(ledger);
    await saying(ledger, (granter) => grantGroups(granter, [first], ann.publicKey));
    await saying(ledger, (granter) => grantGroups(granter, [first], bob.publicKey));
    await saying(ledger, (granter) => revokeGroups(granter, [first], [ann.publicKey], 'left'));
    expect(await opens(ledger, ann)).toEqual([]);
    let renewed: readonly string[] = [];
    await saying(ledger, async (granter) => {
      const [dataset] = granter.writer.state.datasets.values();
      const { keys, statements } = await renewKeys(granter, dataset as never);
      renewed = keys.map(({ keyId }) => toHex(keyId));
      return statements;
    });
    expect(renewed).not.toContain(first);
    expect(await opens(ledger, bob)).toEqual([first, ...renewed]);
    expect(await opens(ledger, owner)).toEqual([first, ...renewed]);
    expect(await opens(ledger, ann)).toEqual([]);
    expect((await verifyLedger(ledger)).ok).toBe(true);
  });

  test('of nothing is refused, and so is one from the owner or a recovery key', async () => {
    const ledger = await ledgerWithTable({ recovery: [recovery.publicKey] });
    const keys = await keysOfTable(ledger);
    const revoke = (from: string) =>
      refusal(saying(ledger, (granter) => revokeGroups(granter, keys, [from as never], 'x')));
    expect((await revoke(ann.publicKey)).code).toBe('GRANT_UNKNOWN');
    expect((await revoke(owner.publicKey)).code).toBe('ARGUMENT_INVALID');
    expect((await revoke(recovery.publicKey)).code).toBe('ARGUMENT_INVALID');
  });

  test('keys that are in use are kept', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    await saying(ledger, async (granter) => {
      const [dataset] = granter.writer.state.datasets.values();
      const renewal = await renewKeys(granter, dataset as never);
      expect(renewal.statements).toEqual([]);
      expect(renewal.keys.map(({ keyId }) => toHex(keyId))).toEqual(keys);
      return [];
    });
  });
});

describe('a role', () => {
  test('opens to its members what is granted to it, before and after they come', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    await saying(ledger, (granter) => createRole(granter, 'researcher', [ann.publicKey]));
    const role = (await stateOf(ledger)).roles.get('researcher');
    await saying(ledger, (granter) => grantGroups(granter, keys, role?.publicKey ?? owner.publicKey));
    await saying(ledger, (granter) => addMember(granter, 'researcher', bob.publicKey));
    for (const member of [ann, bob]) expect(await opens(ledger, member)).toEqual(keys);
    expect(await opens(ledger, eve)).toEqual([]);
    const members = membersOf(await stateOf(ledger), 'researcher', SOON).map(({ reader }) => reader);
    expect(members).toEqual([owner.publicKey, ann.publicKey, bob.publicKey]);
  });

  test('adding a member is one statement, whatever has been granted to the role', async () => {
    const ledger = await ledgerWithTable();
    await saying(ledger, (granter) => createRole(granter, 'researcher'));
    await saying(ledger, async (granter) => {
      const statements = await addMember(granter, 'researcher', bob.publicKey);
      expect(statements).toHaveLength(1);
      return statements;
    });
  });

  test('closes what is sealed later to a member who was removed, and to no other', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    await saying(ledger, (granter) => createRole(granter, 'researcher', [ann.publicKey, bob.publicKey]));
    const before = (await stateOf(ledger)).roles.get('researcher')?.publicKey ?? owner.publicKey;
    await saying(ledger, (granter) => grantGroups(granter, keys, before));
    await saying(ledger, (granter) => removeMember(granter, 'researcher', ann.publicKey, 'left'));
    expect((await stateOf(ledger)).roles.get('researcher')?.publicKey).not.toBe(before);
    await saying(ledger, async (granter) => {
      const [dataset] = granter.writer.state.datasets.values();
      return (await renewKeys(granter, dataset as never)).statements;
    });
    const all = await keysOfTable(ledger);
    expect(all).toHaveLength(2);
    expect(await opens(ledger, ann)).toEqual([]);
    expect(await opens(ledger, bob)).toEqual(all);
    // Who comes later reaches what was granted before, too.
    await saying(ledger, (granter) => addMember(granter, 'researcher', eve.publicKey));
    expect(await opens(ledger, eve)).toEqual(all);
    expect((await verifyLedger(ledger)).ok).toBe(true);
  });

  test('opens nothing any more to who leaves it after somebody else has left', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    await saying(ledger, (granter) => createRole(granter, 'researcher', [ann.publicKey, bob.publicKey]));
    const { publicKey } = (await stateOf(ledger)).roles.get('researcher') ?? owner;
    await saying(ledger, (granter) => grantGroups(granter, keys, publicKey));
    for (const { publicKey } of [bob, ann]) {
      await saying(ledger, (granter) => removeMember(granter, 'researcher', publicKey, 'left'));
    }
    for (const reader of [ann, bob]) expect(await opens(ledger, reader)).toEqual([]);
  });

  test('that is a member of another: who leaves it leaves the other, and who stays keeps both', async () => {
    const ledger = await ledgerWithTable();
    const roleKey = async (name: string) => (await stateOf(ledger)).roles.get(name)?.publicKey ?? owner.publicKey;
    const seal = () =>
      saying(ledger, async (granter) => {
        const [dataset] = granter.writer.state.datasets.values();
        return (await renewKeys(granter, dataset as never)).statements;
      });
    await saying(ledger, (granter) => createRole(granter, 'ward', [ann.publicKey, bob.publicKey]));
    await saying(ledger, (granter) => createRole(granter, 'hospital', [eve.publicKey]));
    const [ward, hospital] = [await roleKey('ward'), await roleKey('hospital')];
    await saying(ledger, (granter) => addMember(granter, 'hospital', ward));
    await saying(ledger, async (granter) => grantGroups(granter, await keysOfTable(ledger), hospital));
    await saying(ledger, (granter) => removeMember(granter, 'ward', ann.publicKey, 'left'));
    expect(await roleKey('hospital')).not.toBe(hospital);
    await seal();
    const all = await keysOfTable(ledger);
    expect(all).toHaveLength(2);
    expect(await opens(ledger, ann)).toEqual([]);
    for (const reader of [bob, eve]) expect(await opens(ledger, reader)).toEqual(all);
    const now = await roleKey('ward');
    await saying(ledger, (granter) => removeMember(granter, 'hospital', now, 'closed'));
    await seal();
    expect(await opens(ledger, bob)).toEqual([]);
    expect(await opens(ledger, eve)).toEqual(await keysOfTable(ledger));
    expect((await verifyLedger(ledger)).ok).toBe(true);
  });

  test('can be a member of another, in a circle too', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    await saying(ledger, (granter) => createRole(granter, 'a', [ann.publicKey]));
    await saying(ledger, (granter) => createRole(granter, 'b'));
    const roleKey = async (name: string) => (await stateOf(ledger)).roles.get(name)?.publicKey ?? owner.publicKey;
    const [a, b] = [await roleKey('a'), await roleKey('b')];
    await saying(ledger, (granter) => addMember(granter, 'b', a));
    await saying(ledger, (granter) => addMember(granter, 'a', b));
    await saying(ledger, (granter) => grantGroups(granter, keys, b));
    expect(await opens(ledger, ann)).toEqual(keys);
    expect(await opens(ledger, eve)).toEqual([]);
  });

  test.each(['', 'Researcher', 'a b', '-a', 'ä', 'a'.repeat(65)])('cannot be named "%s"', async (name) => {
    const ledger = await ledgerWithTable();
    expect((await refusal(saying(ledger, (granter) => createRole(granter, name)))).code).toBe('ARGUMENT_INVALID');
  });

  test('what is not there is told: roles, members', async () => {
    const ledger = await ledgerWithTable();
    await saying(ledger, (granter) => createRole(granter, 'researcher', [ann.publicKey]));
    const codeOf = async (...attempt: Parameters<typeof saying>) => (await refusal(saying(...attempt))).code;
    expect(await codeOf(ledger, (granter) => createRole(granter, 'researcher'))).toBe('ROLE_EXISTS');
    expect(await codeOf(ledger, (granter) => addMember(granter, 'nurse', bob.publicKey))).toBe('ROLE_UNKNOWN');
    expect(await codeOf(ledger, (granter) => addMember(granter, 'researcher', ann.publicKey))).toBe('GRANT_EXISTS');
    expect(await codeOf(ledger, (granter) => removeMember(granter, 'researcher', bob.publicKey, 'x'))).toBe(
      'GRANT_UNKNOWN',
    );
    expect(await codeOf(ledger, (granter) => removeMember(granter, 'researcher', owner.publicKey, 'x'))).toBe(
      'ARGUMENT_INVALID',
    );
  });
});

describe('a ledger that is handed over', () => {
  test('with its content: the new owner reads all, and the old one nothing more', async () => {
    const ledger = await ledgerWithTable();
    const keys = await keysOfTable(ledger);
    await saying(ledger, (granter) => createRole(granter, 'researcher', [ann.publicKey]));
    await saying(ledger, (granter) => transferOwnership(granter, bob.publicKey, { content: true }));
    expect(await opens(ledger, bob)).toEqual(keys);
    expect(await opens(ledger, owner)).toEqual([]);
    expect((await refusal(ledger.write(owner))).code).toBe('SIGNER_UNAUTHORISED');
    const writer = await ledger.write(bob);
    await writer.close();
  });

  test('without it: nothing that was sealed before', async () => {
    const ledger = await ledgerWithTable();
    await saying(ledger, (granter) => transferOwnership(granter, bob.publicKey, { content: false }));
    expect(await opens(ledger, bob)).toEqual([]);
    expect((await stateOf(ledger)).owner).toBe(bob.publicKey);
  });

  test('not to its owner', async () => {
    const ledger = await ledgerWithTable();
    const attempt = saying(ledger, (granter) => transferOwnership(granter, owner.publicKey, { content: true }));
    expect((await refusal(attempt)).code).toBe('ARGUMENT_INVALID');
  });
});
