import { statSync } from 'node:fs';
import { copyStore } from '../../ledger/backup.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { count, printable, size } from '../terminal.js';

export async function run([path = '', file = '']: string[], _options: unknown, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  const store = openSqliteStore(path);
  try {
    const bar = await terminal.progress('blocks', await store.size());
    const blocks = await copyStore(store, file, { signal, onProgress: (done) => bar.update(done) }).finally(() =>
      bar.stop(),
    );
    const bytes = statSync(file).size;
    terminal.say(`Copied ${count(blocks, 'block')} into ${printable(file)} (${size(bytes)}).`);
    terminal.json({ file, blocks, bytes });
  } finally {
    await store.close();
  }
  return DONE;
}
