import { MedsealError, throwIfAborted } from '../errors.js';
import { isReadable } from '../format/block.js';
import type { Entry } from '../format/entry.js';
import { encodeLine } from '../format/exchange.js';
import { parseCanonical } from '../format/json.js';
import { MAX_STATEMENT_DEPTH } from '../format/limits.js';
import type { Ledger } from './ledger.js';

/**
 * The ledger in its exchange form: one block a line (spec/exchange.md).
 * @throws {MedsealError} `LEDGER_INVALID` at a block that cannot be read; `ABORTED`
 */
export async function* exportLedger(
  ledger: Ledger,
  options: { withoutBodies?: boolean; signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array> {
  let index = 0;
  for await (const item of ledger.blocks()) {
    index++;
    throwIfAborted(options.signal);
    if (!isReadable(item)) {
      const message = `block ${index} cannot be read, so it cannot be exported: ${item.error.message}`;
      throw new MedsealError('LEDGER_INVALID', message, { block: index });
    }
    if (!item.entries.every(isWritable)) {
      const message = `block ${index} holds a statement that is no JSON, so it cannot be exported`;
      throw new MedsealError('LEDGER_INVALID', message, { block: index });
    }
    yield encodeLine(item, options);
  }
}

/** A statement is put into its line as it stands: only canonical JSON keeps the line whole. */
function isWritable(entry: Entry): boolean {
  if (entry.kind === 'sealed') return true;
  try {
    parseCanonical(entry.bytes, MAX_STATEMENT_DEPTH);
    return true;
  } catch (error) {
    if (error instanceof MedsealError) return false;
    throw error;
  }
}
