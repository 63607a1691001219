import type { ReadingTerms } from '../access/accesses.js';
import type { Identity } from '../crypto/identity.js';
import type { Context } from './context.js';
import { type KeyOptions, rememberedHeads } from './key-option.js';

/** What every command takes that gives records out. */
export interface ReadingOptions extends KeyOptions {
  readonly purpose?: string;
  readonly acceptRollback?: boolean;
}

/** What is said of a reading, where the ledger has it recorded. */
export function readingTerms(options: ReadingOptions, identity: Identity, { terminal, signal }: Context): ReadingTerms {
  const { purpose, acceptRollback = false } = options;
  const heads = rememberedHeads(options, identity, terminal);
  return { signal, acceptRollback, ...heads, ...(purpose === undefined ? {} : { purpose }) };
}
