// What stands in a verify vector, and what is asked of it.

import { parseCheckpoint } from '../../src/format/checkpoint.js';
import { type BlockItem, decodeExport, type Verdict, type VerifyOptions } from '../../src/verify/index.js';
import type { ExpectedVerdict } from './generate/verify-vector.js';

export interface VerifyVector {
  readonly description: string;
  readonly now: string;
  readonly owner?: string;
  readonly ledger?: string;
  readonly withoutBodies?: boolean;
  readonly quick?: boolean;
  readonly checkpoint?: string;
  readonly export?: readonly string[];
  readonly export_base64?: string;
  readonly expect: Partial<ExpectedVerdict> & { readonly ok: boolean };
}

export function exportOf(vector: VerifyVector): Uint8Array {
  if (vector.export_base64 !== undefined) return Buffer.from(vector.export_base64, 'base64');
  return Buffer.from((vector.export ?? []).map((line) => line + '\n').join(''));
}

export function optionsOf({ now, owner, ledger, withoutBodies, checkpoint }: VerifyVector): VerifyOptions {
  return {
    now: new Date(now),
    ...(owner === undefined ? {} : { owner }),
    ...(ledger === undefined ? {} : { ledger }),
    ...(withoutBodies === undefined ? {} : { withoutBodies }),
    ...(checkpoint === undefined ? {} : { checkpoint: parseCheckpoint(Buffer.from(checkpoint)) }),
  };
}

export async function itemsOf(vector: VerifyVector): Promise<BlockItem[]> {
  const items: BlockItem[] = [];
  for await (const item of decodeExport([exportOf(vector)])) items.push(item);
  return items;
}

/** What a vector speaks of: codes and places, not the sentences for people. */
export function comparable(verdict: Verdict): Omit<ExpectedVerdict, 'notices'> & { notices: string[] } {
  const { problems, notices, ...figures } = verdict;
  return {
    ...figures,
    problems: problems.map(({ block, entry, code }) => ({ block, entry, code })),
    notices: notices.map(({ block, code }) => `${code} ${block}`).sort(),
  };
}

export function expectedOf({ expect }: VerifyVector): object {
  const { notices = [], ...figures } = expect;
  return { ...figures, notices: notices.map(({ block, code }) => `${code} ${block}`).sort() };
}
