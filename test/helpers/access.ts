// A ledger with a data set, people who may or may not read it, and what each of them opens.

import { createKeyring, type Keyring, storedGrants } from '../../src/access/keyring.js';
import type { Granter } from '../../src/access/readers.js';
import { say } from '../../src/access/say.js';
import { generateIdentity, type Identity, type SoftwareIdentity } from '../../src/crypto/identity.js';
import type { Statement } from '../../src/format/statement.js';
import { timestampOf } from '../../src/format/timestamp.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { verifiedState } from '../../src/ledger/verified-state.js';
import type { LedgerState } from '../../src/verify/state.js';
import { newLedger, owner, seal } from './dataset-fixture.js';

export const ann: SoftwareIdentity = await generateIdentity();
export const bob: SoftwareIdentity = await generateIdentity();
export const eve: SoftwareIdentity = await generateIdentity();

export const TABLE = 'patient,drug\nP1,x\nP2,y\n';

/** A ledger with one data set of one group. */
export async function ledgerWithTable(...options: Parameters<typeof newLedger>): Promise<Ledger> {
  const ledger = await newLedger(...options);
  await seal(ledger, TABLE, { name: 'visits' });
  return ledger;
}

export async function stateOf(ledger: Ledger): Promise<LedgerState> {
  return (await verifiedState(ledger)).state;
}

export async function keyringOf(ledger: Ledger, identity: Identity, now: Date = new Date()): Promise<Keyring> {
  const { ledgerId, state } = await verifiedState(ledger);
  return createKeyring(ledgerId, state, storedGrants(ledger), identity, timestampOf(now));
}

/** Ids of the keys that an identity opens, of all that the ledger's data sets have had. */
export async function opens(ledger: Ledger, identity: Identity, now?: Date): Promise<string[]> {
  const keyring = await keyringOf(ledger, identity, now);
  const ids: string[] = [];
  for (const [id, key] of (await stateOf(ledger)).keys) {
    if (key.kind === 'group' && (await keyring.groupKey(id)) !== null) ids.push(id);
  }
  return ids;
}

/** Says something as the owner, or as somebody else. */
export function saying(
  ledger: Ledger,
  compose: (granter: Granter) => Promise<readonly Statement[]> | readonly Statement[],
  as: Identity = owner,
): Promise<number | null> {
  return say(ledger, as, { owner: owner.publicKey }, compose);
}

/** The ids of the keys that the only data set has had. */
export async function keysOfTable(ledger: Ledger): Promise<string[]> {
  return [...(await stateOf(ledger)).keys].filter(([, { kind }]) => kind === 'group').map(([id]) => id);
}
