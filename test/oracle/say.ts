// Statements as their makers write them: with keys wrapped, approvals and signatures.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { accessDigest } from './access.js';
import { approvalDigest } from './approvals.js';
import { fromHex, H, hex, utf8 } from './bytes.js';
import type { JsonObject } from './jcs.js';
import { groupKey, type SealedRecord, sealRecord, wrapKey } from './seal.js';
import { publicKeyOf, type RawEntry, type WriterContext, type WrittenDataSet } from './write.js';

export type Entries = (context: WriterContext) => RawEntry[];

/** Long after every block of a test. */
const LATE = '2026-01-01T00:00:00.000Z';

export function together(...parts: Entries[]): Entries {
  return (context) => parts.flatMap((part) => part(context));
}

export function say(...statements: JsonObject[]): Entries {
  return () => statements;
}

export function writtenSet(context: WriterContext, name: string): WrittenDataSet {
  const found = context.dataSets.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no data set ${name}`);
  return found;
}

/** A key pair that is the same for the same name. */
export function rolePair(name: string): { privateKey: string; publicKey: string } {
  const privateKey = hex(H(utf8('role ' + name)));
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

function grants(context: WriterContext, key: Uint8Array, named: JsonObject, to: readonly string[], change: JsonObject) {
  return to.map((reader) => {
    return wrapKey(context.ledger, key, { kind: 'grant', ...named, to: reader, ...change }, context.random);
  });
}

/** Grants of the key of a data set that has one group. */
export function grantSet(name: string, to: readonly string[], change: JsonObject = {}): Entries {
  return (context) => {
    const { key } = writtenSet(context, name);
    return grants(context, key.key, { key_id: hex(key.keyId) }, to, change);
  };
}

/** Grants of a role's key, which the role has had under this name. */
export function grantRole(pair: string, to: readonly string[], change: JsonObject = {}): Entries {
  const { privateKey, publicKey } = rolePair(pair);
  return (context) => grants(context, fromHex(privateKey, 32), { role_key: publicKey }, to, change);
}

/** A role under the key pair of some name, with its members. */
export function role(name: string, pair: string, members: readonly string[]): Entries {
  return together(say({ kind: 'role', name, public_key: rolePair(pair).publicKey }), grantRole(pair, members));
}

/** A new key for a data set of one group, granted to these. Records that follow are sealed under it. */
export function newKeys(name: string, to: readonly string[], change: JsonObject = {}): Entries {
  return (context) => {
    const dataSet = writtenSet(context, name);
    dataSet.key = groupKey(context.ledger, context.random(32));
    const statement = { kind: 'dataset-keys', id: dataSet.id, keys: [hex(dataSet.key.keyId)], ...change };
    return [statement, ...grantSet(name, to)(context)];
  };
}

export function revokeSet(name: string, from: string): Entries {
  return (context) => {
    const keyId = hex(writtenSet(context, name).key.keyId);
    return [{ kind: 'revoke', key_id: keyId, from, reason: 'left the study' }];
  };
}

export function revokeRole(pair: string, from: string): Entries {
  return say({ kind: 'revoke', role_key: rolePair(pair).publicKey, from, reason: 'left the hospital' });
}

/** Records of these rows under the key that the data set has now. */
export function rows(name: string, ...numbers: number[]): (context: WriterContext) => SealedRecord[] {
  return (context) =>
    numbers.map((row) => sealRecord(context.ledger, writtenSet(context, name).key, row, utf8('9,x\n'), context.random));
}

export function amend(name: string, row: number, by: number): Entries {
  return (context) => [{ kind: 'amend', id: writtenSet(context, name).id, row, by, reason: 'mistyped' }];
}

export function erase(...entries: [block: number, position: number][]): Entries {
  return say({ kind: 'erase', entries, reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' });
}

/** The statement with the approvals of these private keys. A grant is to be wrapped again behind this. */
export function approved(statement: JsonObject, by: readonly string[], change: JsonObject = {}): Entries {
  return (context) => {
    const proposal = { proposal: hex(context.random(16)), ledger: hex(context.ledger), until: LATE };
    const proposed = { ...statement, ...proposal, ...change };
    const approvals = by.map((key) => ({ by: publicKeyOf(key), signature: signed(approvalDigest(proposed), key) }));
    return [{ ...proposed, approvals }];
  };
}

/** The grant of a data set's key with approvals. */
export function approvedGrant(name: string, to: string, by: readonly string[]): Entries {
  return (context) => {
    const { key } = writtenSet(context, name);
    const [grant] = approved({ kind: 'grant', key_id: hex(key.keyId), to }, by)(context) as JsonObject[];
    return [wrapKey(context.ledger, key.key, grant!, context.random)];
  };
}

/** What a reader says of reading a data set. */
export function access(name: string, by: string, change: JsonObject = {}): Entries {
  return (context) => {
    const said: JsonObject = {
      kind: 'access',
      id: hex(context.random(16)),
      ledger: hex(context.ledger),
      by: publicKeyOf(by),
      at: '2025-03-01T12:00:00.000Z',
      purpose: 'TREAT',
      dataset: writtenSet(context, name).id,
      rows: [[1, 1]],
      outcome: 'permitted',
      ...change,
    };
    return [{ ...said, signature: signed(accessDigest(said), by) }];
  };
}

function signed(digest: Uint8Array, privateKey: string): string {
  return hex(new Uint8Array(secp256k1.sign(digest, fromHex(privateKey, 32), { prehash: false, lowS: true })));
}
