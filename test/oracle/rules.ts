// "Who may say what" and what follows on that page: what a block's entries may do, given the state before it.

import { checkAccess } from './access.js';
import { approve, checkRules, isApprover, type Rules } from './approvals.js';
import { demand, Fault } from './bytes.js';
import type { JsonObject } from './jcs.js';
import { applyGrant, applyRevoke, applyRole, checkNewKeys, type Key, newKey, type StandingGrant } from './keys.js';
import { isInfo } from './statements.js';

export type Entry = { statement: JsonObject } | { keyId: string; row: bigint };

export type DataSet = {
  id: string;
  signer: string;
  keys: string[];
  /** The next entry expected: of this row, under keys[nextGroup]. */
  nextRow: bigint;
  nextGroup: number;
  /** Which row each version is of. */
  versions: { row: bigint; by: bigint }[];
};

export type State = {
  ledger: string;
  owner: string;
  /** Those who have signed a block as the owner. */
  takenOnBy: Set<string>;
  recovery: string[];
  difficulty: number;
  rules: Rules;
  writers: Set<string>;
  dataSets: DataSet[];
  keys: Key[];
  grants: StandingGrant[];
  ids: Set<string>;
  /** "block position" of every sealed record, and of those that an erase covers. */
  sealed: Set<string>;
  erased: Set<string>;
};

/** A block that is being judged. */
export type Saying = {
  state: State;
  index: number;
  timestamp: string;
  signer: string;
  statements: JsonObject[];
  /** Whether the block holds nothing but accesses. */
  holdsAccessesOnly: boolean;
  isOwner: boolean;
  isWriter: boolean;
  /** What is said with the owner's right: by the owner, or with approvals. */
  asOwner: boolean;
  /** What holds from the next block on. */
  next: { owner?: string; recovery?: string[]; rules?: Rules };
  revoked: string[];
  unapproved: JsonObject[];
};

/** The state that the genesis block's first entry sets; the block's other entries follow by the ordinary rules. */
export function genesisState(first: Entry | undefined, signer: string, ledger: string): State {
  demand(first !== undefined && 'statement' in first, 'the first entry is not a statement');
  const { kind, owner, difficulty, recovery } = first.statement;
  demand(kind === 'ledger', 'the first entry is not a ledger statement');
  demand(signer === owner, 'the genesis block is not signed by the owner');
  return {
    ledger,
    owner: signer,
    takenOnBy: new Set(),
    recovery: recovery as string[],
    difficulty: difficulty as number,
    rules: {},
    writers: new Set(),
    dataSets: [],
    keys: [],
    grants: [],
    ids: new Set(),
    sealed: new Set(),
    erased: new Set(),
  };
}

export type Place = { index: number; timestamp: string; signer: string };

/** Changes the state; returns how many rows, header rows not counted, the block completes. */
export function applyBlock(state: State, place: Place, entries: readonly Entry[]): number {
  const { signer, index } = place;
  const saying: Saying = {
    state,
    ...place,
    statements: entries.flatMap((entry) => ('statement' in entry ? [entry.statement] : [])),
    holdsAccessesOnly: entries.every((entry) => 'statement' in entry && entry.statement.kind === 'access'),
    // By the state before the block: what it says itself gives its signer nothing.
    isOwner: signer === state.owner,
    isWriter: state.writers.has(signer),
    asOwner: false,
    next: {},
    revoked: [],
    unapproved: [],
  };
  demand(maySign(saying, entries), 'the signer may not sign this block');
  let rows = 0;
  for (const [at, entry] of entries.entries()) {
    demand((index === 1 && at === 0) === isLedger(entry), 'a ledger statement in another place');
    if ('statement' in entry) {
      demand(index > 1 || entry.statement.kind !== 'dataset', 'the genesis block holds a data set');
      applyStatement(saying, entry.statement);
    } else {
      demand(index > 1, 'the genesis block holds a record');
      if (applyRecord(saying, entry.keyId, entry.row)) rows += 1;
    }
  }
  for (const dataSet of state.dataSets) demand(dataSet.nextGroup === 0, 'a row is not whole within one block');
  checkSuccessors(saying);
  checkNewKeys(saying);
  takeEffect(saying, entries);
  return rows;
}

function isLedger(entry: Entry): boolean {
  return 'statement' in entry && entry.statement.kind === 'ledger';
}

export function isReader(state: State, key: string): boolean {
  return state.grants.some(({ to }) => to === key);
}

function isRole(state: State, key: string): boolean {
  return state.keys.some(({ name }) => name === key);
}

function maySign(saying: Saying, entries: readonly Entry[]): boolean {
  const { state, signer, isOwner, isWriter, statements, holdsAccessesOnly } = saying;
  if (isOwner || isWriter) return true;
  if (statements.length < entries.length) return false;
  if (holdsAccessesOnly) return isReader(state, signer) && !isRole(state, signer);
  const approved = statements.every(({ kind, approvals }) => {
    return kind === 'grant' || (!isInfo(String(kind)) && approvals !== undefined);
  });
  return approved && isApprover(state.rules, signer);
}

const OF_WRITERS = ['dataset', 'dataset-keys', 'dataset-end', 'amend', 'grant'];

function maySay(saying: Saying, statement: JsonObject): boolean {
  const { state, signer, isOwner, isWriter, holdsAccessesOnly } = saying;
  const kind = String(statement.kind);
  if (isOwner) return true;
  if (isInfo(kind)) return isWriter;
  if (kind === 'access') return holdsAccessesOnly && isReader(state, signer);
  if (mayApprove(saying, statement)) return true;
  return (isWriter && OF_WRITERS.includes(kind)) || (isApprover(state.rules, signer) && kind === 'grant');
}

/** An approver, of what its own kind's rule is for. */
function mayApprove({ state, signer }: Saying, { kind, approvals }: JsonObject): boolean {
  return approvals !== undefined && Object.hasOwn(state.rules, String(kind)) && isApprover(state.rules, signer);
}

function applyStatement(saying: Saying, statement: JsonObject): void {
  const { state, isOwner } = saying;
  demand(maySay(saying, statement), 'the signer may not say this');
  const approved = approve(saying, statement);
  saying.asOwner = isOwner || (approved && mayApprove(saying, statement));
  const kind = String(statement.kind);
  const key = String(statement.public_key);
  if (kind === 'ledger') setRules(saying, statement);
  else if (kind === 'writer') addWriter(state, key);
  else if (kind === 'writer-removed') removeWriter(state, key);
  else if (kind === 'owner') saying.next.owner = person(state, key);
  else if (kind === 'recovery') {
    saying.next.recovery = (statement.public_keys as string[]).map((one) => person(state, one));
  } else if (kind === 'rules') setRules(saying, statement);
  else if (kind === 'dataset') addDataSet(saying, statement);
  else if (kind === 'dataset-keys') changeKeys(saying, statement);
  else if (kind === 'dataset-end') endDataSet(saying, statement);
  else if (kind === 'amend') amend(saying, statement);
  else if (kind === 'grant') applyGrant(saying, statement);
  else if (kind === 'role') applyRole(saying, statement);
  else if (kind === 'revoke') applyRevoke(saying, statement);
  else if (kind === 'erase') erase(saying, statement);
  else if (kind === 'access') checkAccess(saying, statement);
  else if (kind !== 'audit' && kind !== 'log-key' && !isInfo(kind)) throw new Fault(`${kind} is not allowed here`);
}

/** The key of a person: that of a role is none. */
function person(state: State, key: string): string {
  demand(!isRole(state, key), 'the key is that of a role');
  return key;
}

/** Who comes next is no role, by the block's end. */
function checkSuccessors({ state, next }: Saying): void {
  for (const key of [next.owner ?? [], next.recovery ?? []].flat()) person(state, key);
}

function setRules(saying: Saying, statement: JsonObject): void {
  saying.next.rules = checkRules(statement.rules as JsonObject);
}

function addWriter(state: State, key: string): void {
  demand(key !== state.owner && !state.writers.has(key), 'the new writer is one already, or the owner');
  state.writers.add(person(state, key));
}

function removeWriter(state: State, key: string): void {
  demand(state.writers.delete(key), 'the writer to remove is none');
}

function addDataSet(saying: Saying, statement: JsonObject): void {
  const { state, signer } = saying;
  const id = String(statement.id);
  const keys = statement.keys as string[];
  demand(!state.dataSets.some((other) => other.id === id), 'the id of the data set is not new');
  for (const [group, name] of keys.entries()) newKey(saying, { name, of: id, group });
  state.dataSets.push({ id, signer, keys, nextRow: 0n, nextGroup: 0, versions: [] });
}

/** The data set that a statement names, where the signer goes on with it. */
function continued(saying: Saying, { id, kind }: JsonObject): DataSet {
  const dataSet = saying.state.dataSets.find((candidate) => candidate.id === id);
  demand(dataSet !== undefined, `${kind} of an unknown data set`);
  demand(saying.asOwner || (saying.isWriter && dataSet.signer === saying.signer), `${kind} by who may not say it`);
  return dataSet;
}

function changeKeys(saying: Saying, statement: JsonObject): void {
  const dataSet = continued(saying, statement);
  const keys = statement.keys as string[];
  demand(dataSet.nextGroup === 0, 'the keys change within a row');
  demand(keys.length === dataSet.keys.length, 'another number of keys');
  demand(keys.join() !== dataSet.keys.join(), 'no key is new');
  for (const [group, name] of keys.entries()) {
    if (name !== dataSet.keys[group]) newKey(saying, { name, of: dataSet.id, group });
  }
  dataSet.keys = keys;
}

function endDataSet(saying: Saying, statement: JsonObject): void {
  const dataSet = continued(saying, statement);
  const complete = dataSet.nextGroup === 0 && dataSet.nextRow === BigInt(Number(statement.rows)) + 1n;
  demand(complete, 'dataset-end with another number of rows');
}

function amend(saying: Saying, statement: JsonObject): void {
  const { versions, nextRow } = continued(saying, statement);
  const row = BigInt(Number(statement.row));
  const by = BigInt(Number(statement.by));
  demand(row < by && by < nextRow, 'the version is not a later row that is there');
  demand(!versions.some((version) => version.by === row), 'the amended row is a version of another');
  demand(!versions.some((version) => version.by === by || version.row === by), 'the version is taken');
  versions.push({ row, by });
}

/** True where the record completes a row other than the header row. */
function applyRecord(saying: Saying, keyId: string, row: bigint): boolean {
  const { state, signer, isOwner } = saying;
  const key = state.keys.find(({ name, group }) => name === keyId && group !== undefined);
  const dataSet = state.dataSets.find(({ id }) => id === key?.of);
  demand(key !== undefined && dataSet !== undefined, 'an unknown key id');
  demand(isOwner || dataSet.signer === signer, 'a record by who may not write to the data set');
  demand(!key.closed && dataSet.keys.includes(keyId), 'the key is out of use');
  demand(row === dataSet.nextRow, 'a row out of order');
  demand(keyId === dataSet.keys[dataSet.nextGroup], 'a column group out of order');
  dataSet.nextGroup += 1;
  if (dataSet.nextGroup < dataSet.keys.length) return false;
  dataSet.nextGroup = 0;
  dataSet.nextRow += 1n;
  return row > 0n;
}

function erase({ state }: Saying, statement: JsonObject): void {
  for (const [block, position] of statement.entries as [number, number][]) {
    // Those of this block are not among them yet.
    demand(state.sealed.has(`${block} ${position}`), 'no sealed record to erase');
    state.erased.add(`${block} ${position}`);
  }
}

function takeEffect(saying: Saying, entries: readonly Entry[]): void {
  const { state, next, index, isOwner } = saying;
  entries.forEach((entry, position) => {
    if (!('statement' in entry)) state.sealed.add(`${index} ${position}`);
  });
  if (isOwner) state.takenOnBy.add(state.owner);
  state.rules = next.rules ?? state.rules;
  if (next.owner === undefined && next.recovery === undefined) return;
  const before = [state.owner, ...state.recovery];
  state.owner = next.owner ?? state.owner;
  state.recovery = next.recovery ?? state.recovery;
  state.writers.delete(state.owner);
  const left = before.filter((key) => ![state.owner, ...state.recovery].includes(key));
  state.grants = state.grants.filter(({ to }) => !left.includes(to));
  for (const key of state.keys) key.closed = true;
}
