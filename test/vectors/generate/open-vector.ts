// One open vector.

import type { Step } from '../../oracle/write.js';
import { ledger, stubbed } from './ledgers.js';
import { NOW } from './people.js';
import type { Vector } from './verify-vector.js';

/** Records by block and position. */
export type Places = [block: number, position: number][];

interface Expected {
  readonly name: string;
  readonly file: string | Uint8Array;
  /** Rows that are sealed and do not open. */
  readonly left?: readonly number[];
}

export function openVector(
  name: string,
  description: string,
  rule: string,
  [steps, { gone = [], ...more } = {}]: [Step[], { recovery?: string[]; gone?: Places }?],
  privateKey: string,
  expected: readonly Expected[],
): Vector {
  const lines = stubbed(ledger(`open ${name}`, steps, more), ...gone);
  const datasets = expected.map(({ name: title, file, left = [] }) => ({
    name: title,
    bytes_base64: Buffer.from(file).toString('base64'),
    left,
  }));
  const content = { description, rule: `spec/${rule}`, now: NOW, private_key: privateKey, export: lines };
  return { path: `open/${name}`, content: { ...content, expect: { datasets } } };
}
