// A writer of its own: from a short description to an export, the same bytes each time for the same random bytes.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { finishBlock, type Header, linkHeader } from './block.js';
import { type Bytes, b64, fromHex, hex, utf8 } from './bytes.js';
import { type Group, partOf, rowZero, splitLines } from './csv.js';
import { type Json, type JsonObject, jcs } from './jcs.js';
import { entryBytes, type GroupKey, groupKey, type Random, type SealedRecord, sealRecord, wrapKey } from './seal.js';

/** `by` is the signer's private key, hex; the owner where it is left out. */
export type Step =
  | { step: 'add-writer'; publicKey: string }
  | { step: 'remove-writer'; publicKey: string }
  | { step: 'info'; kind: `info-${string}`; members?: JsonObject; by?: string }
  | {
      step: 'data-set';
      name: string;
      csv: string | Uint8Array;
      /** Records a block. */
      blockSize: number;
      delimiter?: string;
      /** One of all columns where they are left out. */
      groups?: Group[];
      by?: string;
      /** Leaves the data set without its dataset-end. */
      open?: boolean;
    }
  | { step: 'append'; name: string; rows: string | Uint8Array; blockSize: number; by?: string; open?: boolean }
  | { step: 'grant'; name: string; group?: number; to: string; expires?: string; reason?: string; by?: string }
  /** A block of whatever is given, worked and signed, and linked where `header` does not say otherwise. */
  | { step: 'raw'; entries: (context: WriterContext) => RawEntry[]; by?: string; header?: Partial<Header> };

export type RawEntry = JsonObject | SealedRecord;

export type WrittenDataSet = {
  name: string;
  id: string;
  /** Of the first group. */
  key: GroupKey;
  groups: (Group & { key: GroupKey })[];
  rows: number;
  delimiter: string;
};

export type WriterContext = { ledger: Bytes; dataSets: WrittenDataSet[]; random: Random };

export type LedgerOptions = {
  owner: string;
  recovery?: string[];
  difficulty?: number;
  audit?: boolean;
  rules?: JsonObject;
  steps: Step[];
  random: Random;
  /** The genesis block's timestamp; each later block is one second later. */
  start: string;
};

type Writer = WriterContext & { options: LedgerOptions; lines: string[]; hashes: Bytes[] };

export function publicKeyOf(privateKeyHex: string): string {
  return hex(secp256k1.getPublicKey(fromHex(privateKeyHex, 32), true));
}

export function oracleLedger(options: LedgerOptions): string {
  const writer: Writer = {
    options,
    random: options.random,
    ledger: new Uint8Array(32),
    lines: [],
    hashes: [],
    dataSets: [],
  };
  addBlock(writer, [ledgerStatement(options)]);
  writer.ledger = writer.hashes[0]!;
  for (const step of options.steps) takeStep(writer, step);
  return writer.lines.join('');
}

function ledgerStatement(options: LedgerOptions): JsonObject {
  return {
    kind: 'ledger',
    owner: publicKeyOf(options.owner),
    difficulty: options.difficulty ?? 0,
    nonce: hex(options.random(16)),
    rules: options.rules ?? {},
    recovery: options.recovery ?? [],
    audit: options.audit ?? false,
  };
}

function takeStep(writer: Writer, step: Step): void {
  if (step.step === 'add-writer') addBlock(writer, [{ kind: 'writer', public_key: step.publicKey }]);
  if (step.step === 'remove-writer') addBlock(writer, [{ kind: 'writer-removed', public_key: step.publicKey }]);
  if (step.step === 'info') addBlock(writer, [{ ...step.members, kind: step.kind }], step.by);
  if (step.step === 'data-set') addDataSet(writer, step);
  if (step.step === 'append') addRows(writer, written(writer, step.name), step.rows, step);
  if (step.step === 'grant') addBlock(writer, [grantOf(writer, written(writer, step.name), step)], step.by);
  if (step.step === 'raw') addBlock(writer, step.entries(writer), step.by, step.header);
}

function written(writer: Writer, name: string): WrittenDataSet {
  const found = writer.dataSets.find((dataSet) => dataSet.name === name);
  if (found === undefined) throw new Error(`no step has written a data set ${name}`);
  return found;
}

/** The data set, its grants and row 0 in one block; then its rows. */
function addDataSet(writer: Writer, step: Extract<Step, { step: 'data-set' }>): void {
  const file = bytesOf(step.csv);
  const delimiter = step.delimiter ?? ',';
  const header = splitLines(file, delimiter)[0] ?? { bytes: file, fields: [file], terminator: '' };
  const one = [{ name: 'all', columns: header.fields.map((_, column) => column) }];
  const groups = (step.groups ?? one).map((group) => ({ ...group, key: groupKey(writer.ledger, writer.random(32)) }));
  const id = hex(writer.random(16));
  const dataSet: WrittenDataSet = { name: step.name, id, key: groups[0]!.key, groups, rows: 0, delimiter };
  writer.dataSets.push(dataSet);

  const { owner, recovery = [] } = writer.options;
  const recipients = new Set([publicKeyOf(owner), publicKeyOf(step.by ?? owner), ...recovery]);
  const first = [
    { kind: 'dataset', id: dataSet.id, keys: groups.map(({ key }) => hex(key.keyId)) },
    ...groups.flatMap((_, group) => [...recipients].map((to) => grantOf(writer, dataSet, { group, to }))),
    ...groups.map((group) => {
      const content = rowZero(step.name, file, header, delimiter, group);
      return sealRecord(writer.ledger, group.key, 0, content, writer.random);
    }),
  ];
  addBlock(writer, first, step.by);
  addRows(writer, dataSet, file.slice(header.bytes.length), step);
}

type RowOptions = { blockSize: number; by?: string; open?: boolean };

function addRows(writer: Writer, dataSet: WrittenDataSet, rows: string | Uint8Array, options: RowOptions): void {
  const sealed = splitLines(bytesOf(rows), dataSet.delimiter).map((line) => {
    dataSet.rows += 1;
    return dataSet.groups.map((group, _, { length }) => {
      const part = length === 1 ? line.bytes : partOf(line, group, dataSet.delimiter);
      return sealRecord(writer.ledger, group.key, dataSet.rows, part, writer.random);
    });
  });
  for (let at = 0; at < sealed.length; at += options.blockSize) {
    addBlock(writer, sealed.slice(at, at + options.blockSize).flat(), options.by);
  }
  if (options.open === true) return;
  addBlock(writer, [{ kind: 'dataset-end', id: dataSet.id, rows: dataSet.rows }], options.by);
}

type GrantOptions = { group?: number; to: string; expires?: string; reason?: string };

function grantOf(writer: Writer, dataSet: WrittenDataSet, options: GrantOptions): JsonObject {
  const { group = 0, to, expires, reason } = options;
  const { key } = dataSet.groups[group]!;
  const grant: JsonObject = { kind: 'grant', key_id: hex(key.keyId), to };
  if (expires !== undefined) grant.expires = expires;
  if (reason !== undefined) grant.reason = reason;
  return wrapKey(writer.ledger, key.key, grant, writer.random);
}

function addBlock(writer: Writer, entries: RawEntry[], by?: string, changes?: Partial<Header>): void {
  const { owner, start, difficulty = 0 } = writer.options;
  const signer = by ?? owner;
  const bytes = entries.map((entry) => (isSealed(entry) ? entryBytes(entry) : utf8(jcs(entry))));
  const header: Header = {
    ...linkHeader(writer.hashes, bytes),
    timestamp: new Date(Date.parse(start) + writer.hashes.length * 1000).toISOString(),
    difficulty,
    signer: publicKeyOf(signer),
    ...changes,
  };
  const { line, hash } = finishBlock(header, entries.map(exchangeForm), fromHex(signer, 32));
  writer.lines.push(line);
  writer.hashes.push(hash);
}

function exchangeForm(entry: RawEntry): Json {
  if (!isSealed(entry)) return entry;
  return { sealed: b64(entry.head), body: b64(entry.body), salt: b64(entry.salt) };
}

function isSealed(entry: RawEntry): entry is SealedRecord {
  return entry.head instanceof Uint8Array;
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? utf8(data) : data;
}
