// The specification's "Verifying, with public keys alone". It stops at the first fault, but for records without content:
// whether those are erased is known only at the end.

import {
  type Block,
  blockHash,
  type Header,
  headerHash,
  isPublicKey,
  isSigned,
  linkHeader,
  workDone,
} from './block.js';
import { type Bytes, demand, equal, Fault, fromB64, fromHex, hex, utf8 } from './bytes.js';
import { isSignedBy, readCheckpoint } from './checkpoint.js';
import { isObject, type Json, type JsonObject, jcs, parseJcs } from './jcs.js';
import { treeHash } from './merkle.js';
import { applyBlock, type Entry, genesisState, type State } from './rules.js';
import { entryBytes, headFields, saltHash } from './seal.js';
import { checkStatement, isTimestamp } from './statements.js';

export type OracleOptions = {
  owner?: string;
  ledger?: string;
  now: string;
  checkpoint?: string;
  withoutBodies?: boolean;
};

export type OracleVerdict =
  | {
      ok: true;
      ledger: string;
      owner: string;
      blocks: number;
      records: number;
      erased: number;
      withheld: number;
      head: string;
      historyRoot: string;
    }
  | { ok: false; block: number; reason: string };

type Loaded = { entry: Entry; bytes: Bytes; size: number; stub?: boolean };

const MEBIBYTE = 1024 * 1024;
const FIVE_MINUTES = 5 * 60 * 1000;
// The block, its `data`, and the 8 levels of a statement.
const BLOCK_DEPTH = 10;

const HEADER_MEMBERS = [
  'version',
  'index',
  'timestamp',
  'previous_hash',
  'history_hash',
  'data_hash',
  'data_size',
  'difficulty',
  'signer',
];

export function oracleVerify(exportText: string, options: OracleOptions): OracleVerdict {
  const lines = exportText.split('\n');
  const hashes: Bytes[] = [];
  let state: State | undefined;
  let records = 0;
  let previousTimestamp = '';
  const owners: string[] = [];
  const stubs: [block: number, position: number][] = [];
  try {
    // Every line ends with a line feed, so the last piece is empty; an export without a block is none.
    const rest = lines.pop();
    if (rest !== '') lines.push(rest + ' (no line feed)');
    demand(lines.length > 0, 'no block');
    for (const line of lines) {
      const block = parseBlock(line);
      const loaded = block.data.map(loadEntry);
      demand(loaded.reduce((sum, entry) => sum + entry.size, 0) <= 64 * MEBIBYTE, 'the block is larger than 64 MiB');
      const hash = checkHeader(block, loaded, hashes);
      checkTime(block.timestamp, previousTimestamp, options.now);

      const entries = loaded.map(({ entry }) => entry);
      state ??= genesisState(entries[0], block.signer, hex(hash));
      demand(block.difficulty >= state.difficulty, "the difficulty is below the ledger's");
      demand(options.ledger === undefined || options.ledger === state.ledger, 'another ledger');
      records += applyBlock(state, block, entries);
      owners.push(state.owner);
      loaded.forEach(({ stub }, position) => {
        if (stub) stubs.push([block.index, position]);
      });

      hashes.push(hash);
      previousTimestamp = block.timestamp;
    }
    if (options.checkpoint !== undefined) checkCheckpoint(options.checkpoint, hashes, owners);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, block: hashes.length + 1, reason: error.message };
  }
  const missing = stubs.filter(([block, position]) => !state!.erased.has(`${block} ${position}`));
  if (missing.length > 0 && options.withoutBodies !== true) {
    return { ok: false, block: missing[0]![0], reason: 'a body is missing' };
  }
  if (options.owner !== undefined && !state!.takenOnBy.has(options.owner)) {
    return { ok: false, block: 1, reason: 'another owner' };
  }
  return {
    ok: true,
    ledger: hex(hashes[0]!),
    owner: state!.owner,
    blocks: hashes.length,
    records,
    erased: state!.erased.size,
    withheld: missing.length,
    head: hex(hashes.at(-1)!),
    historyRoot: hex(treeHash(hashes)),
  };
}

/** A line of the exchange form, its members of the right types. */
function parseBlock(line: string): Block {
  const value = parseJcs(line, BLOCK_DEPTH);
  demand(isObject(value), 'a block is not an object');
  // Before its members: a newer version may have others.
  demand(!(typeof value.version === 'number' && value.version > 1), 'undecided: a newer version');
  checkExactMembers(value, [...HEADER_MEMBERS, 'proof', 'signature', 'data']);
  for (const name of ['version', 'index', 'data_size', 'difficulty', 'proof']) {
    demand(typeof value[name] === 'number', `${name} is not an integer`);
  }
  for (const name of ['timestamp', 'previous_hash', 'history_hash', 'data_hash', 'signer', 'signature']) {
    demand(typeof value[name] === 'string', `${name} is not a text`);
  }
  demand(Array.isArray(value.data), 'data is not an array');
  demand(value.data.length >= 1 && value.data.length <= 65_535, 'not 1 to 65,535 entries');
  return value as Block;
}

function loadEntry(element: Json): Loaded {
  demand(isObject(element), 'an entry is not an object');
  if (Object.hasOwn(element, 'kind')) {
    checkStatement(element);
    const bytes = utf8(jcs(element));
    return { entry: { statement: element }, bytes, size: bytes.length };
  }
  if (Object.hasOwn(element, 'stub')) return loadStub(element);
  checkExactMembers(element, ['sealed', 'body', 'salt']);
  return loadSealed(element.sealed, element.body, element.salt);
}

function loadStub(element: JsonObject): Loaded {
  checkExactMembers(element, ['stub']);
  demand(typeof element.stub === 'string', 'not a text');
  const bytes = fromB64(element.stub, 121);
  const { keyId, row } = headFields(bytes.slice(0, 89));
  return { entry: { keyId, row }, bytes, size: bytes.length, stub: true };
}

function loadSealed(sealed: Json | undefined, body: Json | undefined, salt: Json | undefined): Loaded {
  demand(typeof sealed === 'string' && typeof body === 'string' && typeof salt === 'string', 'not texts');
  const record = { head: fromB64(sealed, 89), body: fromB64(body), salt: fromB64(salt, 32) };
  demand(record.body.length <= 32 * MEBIBYTE, 'a body is larger than 32 MiB');
  const fields = headFields(record.head);
  demand(equal(fields.saltHash, saltHash(record.salt)), 'a salt does not match its hash');
  // body_hash is not in the exchange form: a wrong body gives another entry, and so another data_hash.
  const bytes = entryBytes(record);
  return {
    entry: { keyId: fields.keyId, row: fields.row },
    bytes,
    size: bytes.length + record.body.length + record.salt.length,
  };
}

/** Returns the block's hash. */
function checkHeader(block: Block, loaded: readonly Loaded[], before: readonly Uint8Array[]): Bytes {
  const { proof, signature: signatureText, data: _data, ...header } = block;
  const expected: Partial<Header> = linkHeader(
    before,
    loaded.map(({ bytes }) => bytes),
  );
  for (const name of Object.keys(expected) as (keyof Header)[]) {
    demand(header[name] === expected[name], `${name} is wrong`);
  }
  demand(header.difficulty <= 48, 'the difficulty is over 48');

  const signer = fromHex(header.signer, 33);
  demand(isPublicKey(signer), 'the signer is not a public key');
  const signature = fromHex(signatureText, 64);
  const hash = headerHash(header);
  demand(workDone(hash, proof) >= header.difficulty, 'not enough work');
  demand(isSigned(hash, proof, signature, signer), 'the signature is wrong');
  return blockHash(hash, proof, signature);
}

function checkTime(timestamp: string, previous: string, now: string): void {
  demand(isTimestamp(timestamp), 'not a timestamp');
  demand(timestamp >= previous, 'earlier than the block before');
  demand(Date.parse(timestamp) <= Date.parse(now) + FIVE_MINUTES, "over 5 minutes ahead of the verifier's clock");
}

/** `owners`: who could have signed the next block as the owner, behind each of the blocks. */
function checkCheckpoint(note: string, hashes: readonly Uint8Array[], owners: readonly string[]): void {
  const checkpoint = readCheckpoint(note);
  demand(checkpoint.ledger === hex(hashes[0]!), 'the checkpoint is of another ledger');
  demand(checkpoint.size <= hashes.length, 'the ledger is shorter than the checkpoint');
  demand(isSignedBy(checkpoint, owners[checkpoint.size - 1]!), 'the checkpoint is not signed by the owner');
  demand(checkpoint.root === hex(treeHash(hashes.slice(0, checkpoint.size))), 'the ledger has another history');
}

function checkExactMembers(value: JsonObject, names: string[]): void {
  const found = Object.keys(value).sort().join();
  demand(found === [...names].sort().join(), `the members are ${found}`);
}
