// The ledger beside the model of `access-model.ts`: the same deeds, done with the package.

import { eraseStatements } from '../../src/access/erasure.js';
import { grantGroups, keyIdsOf, renewKeys, revokeGroups } from '../../src/access/group-keys.js';
import { approve, propose } from '../../src/access/proposal.js';
import type { Granter } from '../../src/access/readers.js';
import { addMember, createRole, removeMember, roleNamed } from '../../src/access/roles.js';
import type { PublicKey } from '../../src/crypto/secp256k1.js';
import { amendRow } from '../../src/dataset/amend.js';
import { type OpenedDataset, openDataset } from '../../src/dataset/open.js';
import { originalBytes } from '../../src/dataset/output.js';
import { sealDataset } from '../../src/dataset/seal.js';
import type { Statement } from '../../src/format/statement.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { memoryStore } from '../../src/store/memory.js';
import { saying } from './access.js';
import { joined, streamOf } from './dataset-fixture.js';
import { owner, type Person, person } from './people.js';

export const PEOPLE: Readonly<Record<string, Person>> = {
  owner,
  ann: person('21'),
  bob: person('22'),
  eve: person('23'),
};
export const APPROVERS: readonly Person[] = [person('31'), person('32'), owner];

/** A ledger, with the ids of its data sets by the names that the model has for them. */
export interface World {
  readonly ledger: Ledger;
  readonly tables: Map<string, string>;
  /** Whether erasures need the approvals of two. */
  readonly ruled: boolean;
}

export async function newWorld(ruled: boolean): Promise<World> {
  const ledger = await createLedger(memoryStore(), await owner.identity(), { difficulty: 0 });
  const from = APPROVERS.map(({ publicKey }) => publicKey as PublicKey);
  if (ruled) await saying(ledger, () => [{ kind: 'rules', rules: { erase: { threshold: 2, from } } }]);
  return { ledger, tables: new Map(), ruled };
}

const GROUPS = [
  { name: 'identity', columns: ['name'] },
  { name: 'clinical', columns: ['*'] },
];

export async function sealRows(world: World, name: string, rows: readonly (readonly string[])[]): Promise<void> {
  const lines = [['id', 'name', 'drug'], ...rows].map((fields) => `${fields.join(',')}\n`);
  const append = world.tables.has(name);
  const options = { name, blockSize: 2, ...(append ? { append } : { groups: GROUPS }) };
  const sealed = await sealDataset(world.ledger, await owner.identity(), streamOf(lines.join('')), options);
  world.tables.set(name, sealed.id);
}

/** All keys that the groups have had. */
function keyIds({ tables }: World, { writer: { state } }: Granter, name: string, groups: readonly number[]): string[] {
  return groups.flatMap((group) => keyIdsOf(state, tables.get(name) ?? '', group));
}

/** A person, or a role under the key that it has now. */
function keyOf({ writer: { state } }: Granter, reader: string): PublicKey {
  return (PEOPLE[reader]?.publicKey as PublicKey | undefined) ?? roleNamed(state, reader).publicKey;
}

export function grantTo(world: World, name: string, groups: readonly number[], reader: string): Promise<unknown> {
  return saying(world.ledger, (granter) =>
    grantGroups(granter, keyIds(world, granter, name, groups), keyOf(granter, reader)),
  );
}

export function revokeFrom(world: World, name: string, groups: readonly number[], reader: string): Promise<unknown> {
  return saying(world.ledger, (granter) => {
    const from = [...granter.writer.state.keys].flatMap(([key, state]) =>
      state.kind === 'role' && state.role === reader ? [key as PublicKey] : [],
    );
    const readers = from.length > 0 ? from : [keyOf(granter, reader)];
    return revokeGroups(granter, keyIds(world, granter, name, groups), readers, 'left');
  });
}

const publicKeys = (names: readonly string[]): PublicKey[] => names.map((name) => PEOPLE[name]?.publicKey as PublicKey);

export function newRole({ ledger }: World, role: string, members: readonly string[]): Promise<unknown> {
  return saying(ledger, (granter) => createRole(granter, role, publicKeys(members)));
}

export function joinRole({ ledger }: World, role: string, member: string): Promise<unknown> {
  return saying(ledger, (granter) => addMember(granter, role, keyOf(granter, member)));
}

export function leaveRole({ ledger }: World, role: string, member: string): Promise<unknown> {
  return saying(ledger, (granter) => removeMember(granter, role, keyOf(granter, member), 'left'));
}

export function renewTable({ ledger, tables }: World, name: string): Promise<unknown> {
  return saying(ledger, async (granter) => {
    const dataset = granter.writer.state.datasets.get(tables.get(name) ?? '');
    return dataset === undefined ? [] : (await renewKeys(granter, dataset)).statements;
  });
}

/** With a rule for it, it is proposed, and approved by two. */
export function eraseRows(
  world: World,
  name: string,
  groups: readonly number[],
  rows: { readonly from: number; readonly to: number },
): Promise<unknown> {
  return saying(world.ledger, async (granter) => {
    const { state } = granter.writer;
    const what = { keyIds: keyIds(world, granter, name, groups), rows, reason: 'asked for', basis: 'GDPR Art. 17' };
    const statements = await eraseStatements(world.ledger, state, world.tables.get(name) ?? '', what);
    if (!world.ruled || statements.length === 0) return statements;
    let proposal = propose(granter, statements);
    for (const approver of APPROVERS.slice(0, 2)) proposal = await approve(proposal, await approver.identity());
    return proposal.said as Statement[];
  });
}

export async function amendDrug({ ledger, tables }: World, name: string, row: number, drug: string): Promise<unknown> {
  const correction = { values: new Map([['drug', drug]]) };
  return amendRow(ledger, await owner.identity(), {
    dataset: tables.get(name) ?? '',
    row,
    correction,
    reason: 'misread',
  });
}

/** What a person gets of a data set, read to its end. */
export async function openAs(
  { ledger, tables }: World,
  name: string,
  reader: string,
): Promise<{ readonly text: string; readonly dataset: OpenedDataset }> {
  const identity = await (PEOPLE[reader] ?? owner).identity();
  const dataset = await openDataset(ledger, identity, { dataset: tables.get(name) ?? '', owner: owner.publicKey });
  return { text: (await joined(originalBytes(dataset))).toString(), dataset };
}
