import type { ReadingTerms } from '../access/accesses.js';
import type { Identity } from '../crypto/identity.js';
import type { DatasetInfo } from '../dataset/directory.js';
import type { Context } from './context.js';
import { type KeyOptions, rememberedHeads } from './key-option.js';
import type { Terminal } from './terminal.js';

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

/** @param pinned whose ledger it should be; where nobody has said it, it can be anybody's */
export function warnOfOwner(
  pinned: string | undefined,
  owner: string | null,
  { recovers }: Pick<DatasetInfo, 'recovers'>,
  { publicKey }: Identity,
  { warn }: Pick<Terminal, 'warn'>,
): void {
  if (pinned !== undefined || owner === publicKey) return;
  // Anybody can make a ledger that names somebody's key as its recovery key.
  const whose = recovers ? `to ${owner}, and names your key as a recovery key` : 'to another key than yours';
  warn(`the ledger belongs ${whose}; --public-key makes sure that it is the right one`);
}
