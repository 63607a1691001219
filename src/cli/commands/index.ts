import { buildIndex } from '../../dataset/lookup/build.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { type KeyOptions, requiredIdentity } from '../key-option.js';
import { count, printable } from '../terminal.js';

export async function run(
  [path = '']: string[],
  options: KeyOptions,
  { terminal, signal }: Context,
): Promise<ExitCode> {
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const bar = await terminal.progress('blocks', await ledger.size());
    const built = await buildIndex(ledger, identity, { signal, onProgress: (blocks) => bar.update(blocks) }).finally(
      () => bar.stop(),
    );
    const names = built.datasets.map(({ id, name }) => `"${printable(name ?? id)}"`).join(', ');
    terminal.say(
      built.datasets.length === 0
        ? 'No data set that this key opens has columns to find rows by: "seal --subject" and "--index" name them.'
        : `${count(built.rows, 'row')} of ${names} can be found.`,
    );
    terminal.json({ file: path, datasets: built.datasets.map(({ id, name }) => ({ id, name })), rows: built.rows });
    return DONE;
  } finally {
    await ledger.close();
  }
}
