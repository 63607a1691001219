import { generateIdentity, type SoftwareIdentity } from '../crypto/identity.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import type { Statement } from '../format/statement.js';
import { isInUse } from '../verify/state/keys.js';
import type { LedgerState, RoleState } from '../verify/state.js';
import { type GrantTerms, grantRole } from './grants.js';
import type { Keyring } from './keyring.js';
import { type Granter, remainingReaders, sameTerms, standingReaders } from './readers.js';

/** A role is named by statements that everybody can read, so no two names may look alike. */
const ROLE_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * Brings in a role: a key pair of its own, whose private key is granted to the owner, the recovery keys, and the members.
 * @returns the statements of its block
 * @throws {MedsealError} `ROLE_EXISTS`, `ARGUMENT_INVALID`
 */
export async function createRole(
  granter: Granter,
  name: string,
  members: readonly PublicKey[] = [],
): Promise<Statement[]> {
  const { writer, random } = granter;
  if (!ROLE_NAME.test(name)) {
    throw new MedsealError(
      'ARGUMENT_INVALID',
      'a role\'s name has up to 64 of the characters a–z, 0–9, ".", "_" and "-", and begins with a letter or digit',
    );
  }
  if (writer.state.roles.has(name)) {
    throw new MedsealError('ROLE_EXISTS', `there is a role "${name}" already; "medseal role add" adds members to it`);
  }
  const role = await generateIdentity(random);
  const readers = [...new Set([...standingReaders(writer), ...members])];
  const grants = readers.map((reader) => grantRole(role, writer.ledgerId, reader, random));
  return [{ kind: 'role', name, public_key: role.publicKey }, ...(await Promise.all(grants))];
}

/**
 * Adds a member: one wrapping of the role's key, whatever the number of records that it opens.
 * @throws {MedsealError} `ROLE_UNKNOWN`, `NOT_GRANTED` where the granter does not hold the role's key, `GRANT_EXISTS`
 */
export async function addMember(
  { writer, keyring, random }: Granter,
  name: string,
  member: PublicKey,
  terms: GrantTerms = {},
): Promise<Statement[]> {
  const role = roleNamed(writer.state, name);
  const holding = writer.state.keys.get(role.publicKey)?.holders.get(member);
  if (holding !== undefined && sameTerms(holding, terms)) {
    throw new MedsealError('GRANT_EXISTS', `the key is a member of "${name}" already, since block ${holding.since}`);
  }
  return [await grantRole(await roleKey(keyring, role), writer.ledgerId, member, random, terms)];
}

/**
 * Removes a member: the role gets another key pair, which is granted to everybody else, and what was granted to the role
 * is sealed under other keys from now on. The same goes for roles that this one is a member of. What the member has read or
 * copied is not taken back.
 * @param member a person, or a role under the key that it has now
 * @throws {MedsealError} `ROLE_UNKNOWN`, `NOT_GRANTED`
 */
export async function removeMember(
  granter: Granter,
  name: string,
  member: PublicKey,
  reason: string,
): Promise<Statement[]> {
  const { writer, keyring } = granter;
  const { state } = writer;
  const role = roleNamed(state, name);
  const leaving = new Set(keysOfReader(state, member));
  // An earlier key pair of the role still opens what was granted to the role by then.
  const held = keysOfReader(state, role.publicKey).flatMap((key) =>
    [...leaving].filter((from) => state.keys.get(key)?.holders.has(from)).map((from) => ({ role_key: key, from })),
  );
  if (!held.some(({ role_key }) => role_key === role.publicKey)) {
    throw new MedsealError('GRANT_UNKNOWN', `the key is no member of "${name}"`);
  }
  if (standingReaders(writer).has(member)) {
    const message =
      'the owner, the recovery keys and who writes this hold every key, so they are members of every role';
    throw new MedsealError('ARGUMENT_INVALID', message);
  }
  await roleKey(keyring, role);
  return [
    ...held.map((grant) => ({ kind: 'revoke', ...grant, reason }) as const),
    ...(await rotated(granter, rolesOpenTo(state, role), { role: name, readers: leaving })),
  ];
}

/** A role, and those that its members are members of by it: who leaves it has had their keys too. */
function rolesOpenTo(state: LedgerState, role: RoleState): RoleState[] {
  const found = new Set<string>();
  const open: string[] = [role.publicKey];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (found.has(key) || state.keys.get(key)?.kind !== 'role') continue;
    found.add(key);
    open.push(...(state.data.held.get(key as PublicKey) ?? []));
  }
  return [...state.roles.values()].filter(({ publicKey }) => found.has(publicKey));
}

/**
 * Gives roles whose keys are out of use, as after a change of owner, other key pairs, which are granted to everybody who is
 * still a member. Only then rows that are sealed later are granted to them again.
 * @param names of the roles; those that are in use are left out. All roles where none are named
 * @returns the statements of one block: roles can be members of each other
 * @throws {MedsealError} `ROLE_UNKNOWN`; `ARGUMENT_INVALID` where all of them are in use
 */
export async function renewRoles(granter: Granter, names: readonly string[] = []): Promise<Statement[]> {
  const { state } = granter.writer;
  const wanted = names.length === 0 ? [...state.roles.values()] : names.map((name) => roleNamed(state, name));
  const worn = wanted.filter(({ publicKey }) => !isRoleInUse(state, publicKey));
  if (worn.length > 0) return rotated(granter, worn);
  throw new MedsealError('ARGUMENT_INVALID', 'the keys of these roles are in use: there is nothing to renew');
}

/**
 * Other key pairs for roles, granted to who is still a member, in one block.
 * @param leaving who leaves one of them in the same block
 */
async function rotated(granter: Granter, roles: readonly RoleState[], leaving?: Leaving): Promise<Statement[]> {
  const { writer, keyring, random } = granter;
  const { state, ledgerId } = writer;
  const fresh = new Map<string, SoftwareIdentity>();
  for (const { name } of roles) fresh.set(name, await generateIdentity(random));
  const renewed = new Map([...fresh].map(([name, { publicKey }]) => [name, publicKey]));
  const statements: Statement[] = [...renewed].map(([name, public_key]) => ({ kind: 'role', name, public_key }));
  for (const { name, publicKey } of roles) {
    const [key, next] = [state.keys.get(publicKey), fresh.get(name)];
    if (key === undefined || next === undefined) continue;
    const readers = remainingReaders(granter, key, leaving?.role === name ? leaving.readers : new Set(), renewed);
    for (const reader of standingReaders(writer)) readers.set(reader, {});
    for (const [reader, terms] of readers) statements.push(await grantRole(next, ledgerId, reader, random, terms));
    // Later members reach by it what was granted to the role before, where whoever renews it can.
    const old = await keyring.role(publicKey);
    if (old !== null) statements.push(await grantRole(old, ledgerId, next.publicKey, random));
  }
  return statements;
}

interface Leaving {
  readonly role: string;
  readonly readers: ReadonlySet<PublicKey>;
}

/** All keys of a reader: of a role, also those that it had before. @param reader a person, or any key of a role */
export function keysOfReader({ keys }: LedgerState, reader: PublicKey): PublicKey[] {
  const role = keys.get(reader);
  if (role?.kind !== 'role') return [reader];
  return [...keys].flatMap(([name, key]) => (key.kind === 'role' && key.role === role.role ? [name as PublicKey] : []));
}

function isRoleInUse(state: LedgerState, publicKey: PublicKey): boolean {
  const key = state.keys.get(publicKey);
  return key !== undefined && isInUse(state.data, key);
}

/** @throws {MedsealError} `ROLE_UNKNOWN` */
export function roleNamed(state: LedgerState, name: string): RoleState {
  const role = state.roles.get(name);
  if (role !== undefined) return role;
  const known = [...state.roles.keys()].join(', ');
  throw new MedsealError('ROLE_UNKNOWN', `there is no role "${name}"; there are: ${known === '' ? 'none' : known}`);
}

async function roleKey(keyring: Keyring, role: RoleState): Promise<SoftwareIdentity> {
  const key = await keyring.role(role.publicKey);
  if (key !== null) return key;
  throw new MedsealError('NOT_GRANTED', `the key of the role "${role.name}" is not granted to this key`);
}
