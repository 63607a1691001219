// "Keys in use": who holds which key, what a new key demands and what a revocation closes.

import { demand } from './bytes.js';
import type { JsonObject } from './jcs.js';
import type { Saying, State } from './rules.js';

export type Key = {
  /** A group key's id, or a role's public key. */
  name: string;
  /** The data set or the role that it is of. */
  of: string;
  /** Of a group key only. */
  group?: number;
  block: number;
  /** Whether it is out of use. */
  closed: boolean;
  /** Whether another key has taken its place. */
  replaced: boolean;
};

export type StandingGrant = { key: string; to: string; block: number; expires?: string };

/** Brings in a key. One that was there in its place goes out of use. */
export function newKey({ state, index }: Saying, { name, of, group }: { name: string; of: string; group?: number }) {
  demand(!state.keys.some((key) => key.name === name), 'a key is not new');
  const before = state.keys.find((key) => key.of === of && key.group === group && !key.replaced);
  if (before !== undefined) {
    before.replaced = true;
    before.closed = true;
  }
  state.keys.push({
    name,
    of,
    ...(group === undefined ? {} : { group }),
    block: index,
    closed: false,
    replaced: false,
  });
}

export function applyRole(saying: Saying, { name, public_key }: JsonObject): void {
  const { state } = saying;
  const key = String(public_key);
  const known = [state.owner, ...state.recovery, ...state.writers, ...state.grants.map(({ to }) => to)];
  demand(!known.includes(key), "the role's key is somebody's");
  newKey(saying, { name: key, of: String(name) });
}

function named(state: State, { key_id, role_key }: JsonObject): Key {
  const key = state.keys.find(({ name, group }) =>
    key_id === undefined ? name === role_key && group === undefined : name === key_id && group !== undefined,
  );
  demand(key !== undefined, 'an unknown key id');
  return key;
}

export function applyGrant(saying: Saying, statement: JsonObject): void {
  const { state, signer, index, isWriter, asOwner } = saying;
  const key = named(state, statement);
  const to = String(statement.to);
  const began = state.dataSets.some(
    (dataSet) => isWriter && key.group !== undefined && dataSet.id === key.of && dataSet.signer === signer,
  );
  const judgedLater = saying.unapproved.includes(statement);
  demand(asOwner || began || judgedLater, 'a grant by who may not say it');
  demand(!state.keys.some(({ name, closed }) => name === to && closed), 'a grant to a role whose key is out of use');
  state.grants = state.grants.filter((other) => other.key !== key.name || other.to !== to);
  const expires = statement.expires === undefined ? {} : { expires: String(statement.expires) };
  state.grants.push({ key: key.name, to, block: index, ...expires });
}

export function applyRevoke(saying: Saying, statement: JsonObject): void {
  const { state } = saying;
  const key = named(state, statement);
  const from = String(statement.from);
  demand(from !== state.owner && !state.recovery.includes(from), 'revoked from the owner or a recovery key');
  const rest = state.grants.filter((grant) => grant.key !== key.name || grant.to !== from);
  demand(rest.length < state.grants.length, 'who is revoked does not hold the key');
  state.grants = rest;
  saying.revoked.push(key.name);
}

/** Who must be granted a key that this block brings in. */
function owed(saying: Saying, key: Key): { standing: string[]; remaining: string[] } {
  const { state, signer, isWriter, timestamp } = saying;
  const standing = [state.owner, ...state.recovery, ...(isWriter ? [signer] : [])];
  const before = predecessor(state, key);
  const holders = state.grants.filter(
    (grant) => grant.key === before?.name && (grant.expires === undefined || grant.expires >= timestamp),
  );
  return { standing, remaining: holders.flatMap(({ to }) => present(state, to)).filter((to) => to !== key.name) };
}

/** The key whose place it took: the one before it in the same data set and group, or role. */
function predecessor(state: State, key: Key): Key | undefined {
  const line = state.keys.filter(({ of, group }) => of === key.of && group === key.group);
  return line[line.indexOf(key) - 1];
}

function present(state: State, to: string): string[] {
  const role = state.keys.find(({ name }) => name === to);
  if (role === undefined) return [to];
  return state.keys
    .filter(({ of, group, closed }) => of === role.of && group === undefined && !closed)
    .map((key) => key.name);
}

export function checkNewKeys(saying: Saying): void {
  const { state, index, unapproved, revoked } = saying;
  const fresh = state.keys.filter(({ block }) => block === index);
  for (const key of fresh) {
    const { standing, remaining } = owed(saying, key);
    for (const to of standing) {
      const granted = state.grants.find((grant) => grant.key === key.name && grant.to === to);
      demand(granted !== undefined && granted.expires === undefined, 'a new key is not granted to whom it must be');
    }
    for (const to of remaining) {
      const granted = state.grants.some((grant) => grant.key === key.name && grant.to === to);
      demand(granted, 'a new key is not granted to whom it must be: a holder');
    }
  }
  for (const grant of unapproved) {
    demand(isOwnGrant(saying, grant) || isDemanded(saying, fresh, grant), 'a grant that nobody has approved');
  }
  for (const name of revoked) closeAllFrom(state, name);
}

/** An approver who is a writer grants the keys of their own data sets, as every writer does, where no rule names grants. */
function isOwnGrant({ state, signer, isWriter }: Saying, { key_id }: JsonObject): boolean {
  const key = state.keys.find(({ name, group }) => name === key_id && group !== undefined);
  const dataSet = state.dataSets.find(({ id }) => id === key?.of);
  return isWriter && dataSet?.signer === signer && state.rules.grant === undefined;
}

function isDemanded(saying: Saying, fresh: Key[], { key_id, role_key, to }: JsonObject): boolean {
  const name = String(key_id ?? role_key);
  const key = fresh.find((candidate) => candidate.name === name);
  if (key !== undefined) {
    const { standing, remaining } = owed(saying, key);
    if ([...standing, ...remaining].includes(String(to))) return true;
  }
  const role = fresh.find((candidate) => candidate.name === to);
  const before = role && predecessor(saying.state, role);
  if (before === undefined) return false;
  return name === before.name || saying.state.grants.some((grant) => grant.key === name && grant.to === before.name);
}

/** What can be reached with a key: it, what was granted to it, and so on. */
function closeAllFrom(state: State, first: string): void {
  const reached = [first];
  for (const name of reached) {
    for (const grant of state.grants) {
      if (grant.to === name && !reached.includes(grant.key)) reached.push(grant.key);
    }
  }
  for (const key of state.keys.filter(({ name }) => reached.includes(name))) {
    demand(key.group !== undefined || key.replaced, 'a revoked role goes on under the same key');
    key.closed = true;
  }
}
