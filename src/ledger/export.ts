import { MedsealError, throwIfAborted } from '../errors.js';
import { isReadable } from '../format/block.js';
import { encodeLine } from '../format/exchange.js';
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
    yield encodeLine(item, options);
  }
}
