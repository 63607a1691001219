// "Who may say what" and "A data set, in order": what a block's entries may do, given the state before it.

import { demand, Fault } from './bytes.js';
import type { JsonObject } from './jcs.js';
import { isInfo } from './statements.js';

export type Entry = { statement: JsonObject } | { keyId: string; row: bigint };

export type DataSet = {
  id: string;
  signer: string;
  keys: string[];
  /** The next entry expected: of this row, under keys[nextGroup]. */
  nextRow: bigint;
  nextGroup: number;
};

export type State = {
  owner: string;
  recovery: string[];
  difficulty: number;
  writers: Set<string>;
  dataSets: DataSet[];
};

/** The state that the genesis block's first entry sets; the block's other entries follow by the ordinary rules. */
export function genesisState(first: Entry | undefined, signer: string): State {
  demand(first !== undefined && 'statement' in first, 'the first entry is not a statement');
  const { kind, owner, difficulty, recovery } = first.statement;
  demand(kind === 'ledger', 'the first entry is not a ledger statement');
  demand(signer === owner, 'the genesis block is not signed by the owner');
  return {
    owner: signer,
    recovery: recovery as string[],
    difficulty: difficulty as number,
    writers: new Set(),
    dataSets: [],
  };
}

/** Changes the state; returns how many rows, header rows not counted, the block completes. */
export function applyBlock(state: State, signer: string, entries: readonly Entry[], genesis: boolean): number {
  // By the state before the block: what it says itself gives its signer nothing.
  const isOwner = signer === state.owner;
  demand(isOwner || state.writers.has(signer), 'the signer is neither owner nor writer');
  let rows = 0;
  for (const [at, entry] of entries.entries()) {
    if (genesis && at === 0) continue;
    if ('statement' in entry) {
      demand(!genesis || entry.statement.kind !== 'dataset', 'the genesis block holds a data set');
      applyStatement(state, signer, isOwner, entry.statement);
    } else {
      demand(!genesis, 'the genesis block holds a record');
      if (applyRecord(state, signer, isOwner, entry.keyId, entry.row)) rows += 1;
    }
  }
  checkDataSetGrants(state, signer, entries);
  for (const dataSet of state.dataSets) demand(dataSet.nextGroup === 0, 'a row is not whole within one block');
  return rows;
}

function applyStatement(state: State, signer: string, isOwner: boolean, statement: JsonObject): void {
  const kind = String(statement.kind);
  if (isInfo(kind)) return;
  switch (kind) {
    case 'writer':
      addWriter(state, isOwner, String(statement.public_key));
      break;
    case 'writer-removed':
      removeWriter(state, isOwner, String(statement.public_key));
      break;
    case 'dataset':
      addDataSet(state, signer, statement);
      break;
    case 'dataset-end':
      endDataSet(state, signer, isOwner, statement);
      break;
    case 'grant':
      checkGrant(state, signer, isOwner, statement);
      break;
    default:
      throw new Fault(`${kind} is not allowed here`);
  }
}

function addWriter(state: State, isOwner: boolean, key: string): void {
  demand(isOwner, 'writer said by another than the owner');
  demand(key !== state.owner && !state.writers.has(key), 'the new writer is one already, or the owner');
  state.writers.add(key);
}

function removeWriter(state: State, isOwner: boolean, key: string): void {
  demand(isOwner, 'writer-removed said by another than the owner');
  demand(state.writers.delete(key), 'the writer to remove is none');
}

function addDataSet(state: State, signer: string, statement: JsonObject): void {
  const id = String(statement.id);
  const keys = statement.keys as string[];
  demand(!state.dataSets.some((other) => other.id === id), 'the id of the data set is not new');
  const known = state.dataSets.flatMap((other) => other.keys);
  for (const [at, key] of keys.entries()) {
    demand(!known.includes(key) && keys.indexOf(key) === at, 'a key id is not new');
  }
  state.dataSets.push({ id, signer, keys, nextRow: 0n, nextGroup: 0 });
}

function endDataSet(state: State, signer: string, isOwner: boolean, statement: JsonObject): void {
  const dataSet = state.dataSets.find((candidate) => candidate.id === statement.id);
  demand(dataSet !== undefined, 'dataset-end of an unknown data set');
  demand(isOwner || dataSet.signer === signer, 'dataset-end by who may not say it');
  const complete = dataSet.nextGroup === 0 && dataSet.nextRow === BigInt(Number(statement.rows)) + 1n;
  demand(complete, 'dataset-end with another number of rows');
}

function checkGrant(state: State, signer: string, isOwner: boolean, statement: JsonObject): void {
  const dataSet = dataSetOfKey(state, String(statement.key_id));
  demand(isOwner || dataSet.signer === signer, 'a grant by who may not say it');
}

function dataSetOfKey(state: State, keyId: string): DataSet {
  const dataSet = state.dataSets.find((candidate) => candidate.keys.includes(keyId));
  demand(dataSet !== undefined, 'an unknown key id');
  return dataSet;
}

/** True where the record completes a row other than the header row. */
function applyRecord(state: State, signer: string, isOwner: boolean, keyId: string, row: bigint): boolean {
  const dataSet = dataSetOfKey(state, keyId);
  demand(isOwner || dataSet.signer === signer, 'a record by who may not write to the data set');
  demand(row === dataSet.nextRow, 'a row out of order');
  demand(keyId === dataSet.keys[dataSet.nextGroup], 'a column group out of order');
  dataSet.nextGroup += 1;
  if (dataSet.nextGroup < dataSet.keys.length) return false;
  dataSet.nextGroup = 0;
  dataSet.nextRow += 1n;
  return row > 0n;
}

/** "Its block also holds a grant of every key to the owner, its signer and each recovery key." */
function checkDataSetGrants(state: State, signer: string, entries: readonly Entry[]): void {
  const statements = entries.flatMap((entry) => ('statement' in entry ? [entry.statement] : []));
  const grants = statements.filter((statement) => statement.kind === 'grant');
  for (const dataSet of statements.filter((statement) => statement.kind === 'dataset')) {
    for (const key of dataSet.keys as string[]) {
      for (const to of [state.owner, signer, ...state.recovery]) {
        const granted = grants.some((grant) => grant.key_id === key && grant.to === to);
        demand(granted, 'a key of a new data set is not granted to whom it must be');
      }
    }
  }
}
