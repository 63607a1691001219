// Ledgers to make vectors of, good ones and such as nobody's tools would write.

import { type Block, blockHash, finishBlock, type Header, headerHash, linkHeader, sign } from '../../oracle/block.js';
import { type Bytes, fromHex, H, hex, join, label, u64, utf8 } from '../../oracle/bytes.js';
import { type Json, type JsonObject, jcs } from '../../oracle/jcs.js';
import { groupKey, type SealedRecord, sealRecord, wrapKey } from '../../oracle/seal.js';
import {
  type LedgerOptions,
  oracleLedger,
  publicKeyOf,
  type RawEntry,
  type Step,
  type WriterContext,
  type WrittenDataSet,
} from '../../oracle/write.js';
import { OWNER, owner, START, seeded } from './people.js';

export type Entries = (context: WriterContext) => RawEntry[];

/** The lines of a ledger, without their line feeds. */
export function ledger(seed: string, steps: Step[], more: Partial<LedgerOptions> = {}): string[] {
  const text = oracleLedger({ owner: OWNER, steps, random: seeded(seed), start: START, ...more });
  return text.split('\n').slice(0, -1);
}

/** A block of whatever is given, by the owner where nobody else is named. */
export function raw(entries: Entries, by: string = OWNER, header: Partial<Header> = {}): Step {
  return { step: 'raw', entries, by, header };
}

export function note(text: string, by: string = OWNER): Step {
  return { step: 'info', kind: 'info-note', members: { text }, by };
}

/** A block of one statement. */
export function say(statement: JsonObject, by: string = OWNER): Step {
  return raw(() => [statement], by);
}

export function dataSet(context: WriterContext, name: string): WrittenDataSet {
  const found = context.dataSets.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no data set ${name}`);
  return found;
}

/** A record of a data set that a step has written. */
export function record(context: WriterContext, name: string, row: number, content = '9,x\n'): SealedRecord {
  return sealRecord(context.ledger, dataSet(context, name).key, row, utf8(content), context.random);
}

/** A `dataset` statement with keys of its own, and the grants that are asked for. */
export function freshDataSet(context: WriterContext, to: readonly string[], change: JsonObject = {}): JsonObject[] {
  const key = groupKey(context.ledger, context.random(32));
  const id = hex(context.random(16));
  const grants = to.map((reader) =>
    wrapKey(context.ledger, key.key, { kind: 'grant', key_id: hex(key.keyId), to: reader }, context.random),
  );
  return [{ kind: 'dataset', id, keys: [hex(key.keyId)], ...change }, ...grants];
}

export interface TwoGroups {
  /** Its statements, with row 0. */
  readonly begin: Entries;
  readonly cells: (...places: [group: number, row: number][]) => Entries;
  /** Another key for one of the groups. Cells that follow are sealed under it. */
  readonly newKey: (group: number) => Entries;
}

/** A data set of two column groups. */
export function twoGroups(): TwoGroups {
  const secrets = [0, 1].map((group) => H(utf8('column group'), u64(group)));
  const keyOf = (context: WriterContext, group: number) => groupKey(context.ledger, secrets[group]!);
  const cells =
    (...places: [number, number][]): Entries =>
    (context) =>
      places.map(([group, row]) =>
        sealRecord(context.ledger, keyOf(context, group), row, utf8(`${group}/${row}\n`), context.random),
      );
  const begin: Entries = (context) => {
    const ids = [0, 1].map((group) => hex(keyOf(context, group).keyId));
    const grants = ids.map((id, group) =>
      wrapKey(context.ledger, secrets[group]!, { kind: 'grant', key_id: id, to: owner }, context.random),
    );
    return [{ kind: 'dataset', id: 'cd'.repeat(16), keys: ids }, ...grants, ...cells([0, 0], [1, 0])(context)];
  };
  const newKey =
    (group: number): Entries =>
    (context) => {
      secrets[group] = H(utf8('another key'), secrets[group]!);
      const [first, second] = [0, 1].map((each) => hex(keyOf(context, each).keyId)) as [string, string];
      const named = { kind: 'grant', key_id: group === 0 ? first : second, to: owner };
      const grant = wrapKey(context.ledger, secrets[group], named, context.random);
      return [{ kind: 'dataset-keys', id: 'cd'.repeat(16), keys: [first, second] }, grant];
    };
  return { begin, cells, newKey };
}

/** A record that its signer committed to, though a part of it is not as the format wants it. */
export function oddRecord(context: WriterContext, name: string, row: number, odd: Partial<SealedRecord>): SealedRecord {
  const plain = record(context, name, row);
  if (odd.salt === undefined) return { ...plain, ...odd };
  const head = join(plain.head.slice(0, 25), H(label('salt'), odd.salt), plain.head.slice(57));
  return { ...plain, head, ...odd };
}

export function ledgerStatement(change: JsonObject = {}): JsonObject {
  return {
    kind: 'ledger',
    owner,
    difficulty: 0,
    nonce: '00112233445566778899aabbccddeeff',
    rules: {},
    recovery: [],
    audit: false,
    ...change,
  };
}

/** A genesis block with the statements that are given. */
export function genesis(statements: JsonObject[], by: string = OWNER, change: Partial<Header> = {}): string {
  const bytes = statements.map((statement) => utf8(jcs(statement)));
  const header = { ...linkHeader([], bytes), timestamp: START, difficulty: 0, signer: publicKeyOf(by), ...change };
  return finishBlock(header, statements, fromHex(by, 32)).line.slice(0, -1);
}

export function parse(line: string): Block {
  return JSON.parse(line) as Block;
}

/** The line with members changed, and nothing signed again. */
export function edit(line: string, change: (block: Block) => JsonObject): string {
  const block = parse(line);
  return jcs({ ...block, ...change(block) });
}

/** The line with its data changed, and nothing signed again. */
export function editData(line: string, change: (data: JsonObject[]) => Json[]): string {
  return edit(line, ({ data }) => ({ data: change(data as JsonObject[]) }));
}

/** The text of the line changed in one place. */
export function replaced(line: string, from: string | RegExp, to: string): string {
  const changed = line.replace(from, to);
  if (changed === line) throw new Error('nothing to replace');
  return changed;
}

export function headerOf(line: string): Header {
  const { proof: _proof, signature: _signature, data: _data, ...header } = parse(line);
  return header;
}

export function hashOf(line: string): Bytes {
  const { proof, signature } = parse(line);
  return blockHash(headerHash(headerOf(line)), proof, fromHex(signature, 64));
}

/** The same block signed for another proof. */
export function withProof(line: string, proof: number, by: string = OWNER): string {
  const signature = hex(sign(headerHash(headerOf(line)), proof, fromHex(by, 32)));
  return edit(line, () => ({ proof, signature }));
}

/** The line with all its records withheld, or those that `which` chooses. */
export function withheld(line: string, which: (position: number) => boolean = () => true): string {
  return editData(line, (data) =>
    data.map((entry, position) => (entry.sealed === undefined || !which(position) ? entry : stub(entry))),
  );
}

/** The lines with some records withheld. */
export function stubbed(lines: string[], ...gone: [block: number, position: number][]): string[] {
  return lines.map((line, at) =>
    gone.some(([block]) => block === at + 1)
      ? withheld(line, (position) => gone.some(([block, entry]) => block === at + 1 && entry === position))
      : line,
  );
}

export function stub({ sealed, body }: JsonObject): JsonObject {
  const bytes = Buffer.concat([
    Buffer.from(String(sealed), 'base64url'),
    H(label('body'), Buffer.from(String(body), 'base64url')),
  ]);
  return { stub: bytes.toString('base64url') };
}
