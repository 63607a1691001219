// Entries of all kinds, allowed and not, for blocks that are worked and signed as they should be. They belong behind
// `BASE`, with its data sets `own` (the owner's) and `labs` (the writer's).

import type { Header } from '../oracle/block.js';
import { hex, join, utf8 } from '../oracle/bytes.js';
import type { Json, JsonObject } from '../oracle/jcs.js';
import { groupKey, type SealedRecord, sealRecord, wrapKey } from '../oracle/seal.js';
import { oracleLedger, type RawEntry, type Step, type WriterContext } from '../oracle/write.js';
import { owner, type Person, reader, START, seeded, writer } from './people.js';

export type Entries = (context: WriterContext) => RawEntry[];

/** A writer, and two data sets with one row each that have not ended: five blocks behind the genesis block. */
export const BASE: Step[] = [
  { step: 'add-writer', publicKey: writer.publicKey },
  { step: 'data-set', name: 'own', csv: 'a\n1\n', blockSize: 9, open: true },
  { step: 'data-set', name: 'labs', csv: 'a\n1\n', blockSize: 9, open: true, by: writer.privateKey },
];

export function oracleText(
  steps: Step[],
  more: { difficulty?: number; recovery?: string[]; start?: string } = {},
): string {
  return oracleLedger({ owner: owner.privateKey, steps, random: seeded('breaking'), start: START, ...more });
}

export function raw(entries: Entries, by: Person = owner, header: Partial<Header> = {}): Step {
  return { step: 'raw', entries, by: by.privateKey, header };
}

export function say(...statements: JsonObject[]): Entries {
  return () => statements;
}

function dataSet(context: WriterContext, name: string) {
  const found = context.dataSets.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no data set ${name}`);
  return found;
}

export function row(name: string, ...numbers: number[]): (context: WriterContext) => SealedRecord[] {
  return (context) =>
    numbers.map((number) =>
      sealRecord(context.ledger, dataSet(context, name).key, number, utf8('2\n'), context.random),
    );
}

export function end(name: string, rows: number): Entries {
  return (context) => [{ kind: 'dataset-end', id: dataSet(context, name).id, rows }];
}

export function grant(name: string, change: JsonObject = {}): Entries {
  return (context) => {
    const { key } = dataSet(context, name);
    const statement = { kind: 'grant', key_id: hex(key.keyId), to: reader.publicKey, ...change };
    return [wrapKey(context.ledger, key.key, statement, context.random)];
  };
}

/** All of these in one block. */
export function together(...parts: Entries[]): Entries {
  return (context) => parts.flatMap((part) => part(context));
}

/** A new data set with these readers. */
export function fresh(to: readonly Person[], change: JsonObject = {}): Entries {
  return (context) => {
    const key = groupKey(context.ledger, context.random(32));
    const keyId = hex(key.keyId);
    const grants = to.map(({ publicKey }) =>
      wrapKey(context.ledger, key.key, { kind: 'grant', key_id: keyId, to: publicKey }, context.random),
    );
    return [{ kind: 'dataset', id: hex(context.random(16)), keys: [keyId], ...change }, ...grants];
  };
}

/** A new data set under the id of one that there is. */
export function again(name: string): Entries {
  return (context) => fresh([owner], { id: dataSet(context, name).id })(context);
}

/** A new data set under the key of one that there is. */
export function sameKey(name: string): Entries {
  return (context) => [{ kind: 'dataset', id: hex(context.random(16)), keys: [hex(dataSet(context, name).key.keyId)] }];
}

export function reversed(entries: Entries): Entries {
  return (context) => entries(context).toReversed();
}

export function otherSalt(entries: (context: WriterContext) => SealedRecord[]): Entries {
  return (context) => entries(context).map((record) => ({ ...record, salt: join(context.random(32)) }));
}

export function anotherLedger(context: WriterContext): RawEntry[] {
  const nonce = hex(context.random(16));
  return [{ kind: 'ledger', owner: owner.publicKey, difficulty: 0, nonce, rules: {}, recovery: [], audit: false }];
}

/** Arrays within each other. */
export function nested(levels: number): Json {
  return levels === 0 ? 1 : [nested(levels - 1)];
}
