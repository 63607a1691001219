import { MedsealError } from '../../errors.js';
import { exportLedger } from '../../ledger/export.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { expectOutput, writeFileWhole, writeStandardOutput } from '../files.js';
import { count, printable, size } from '../terminal.js';

interface Options {
  readonly output?: string;
  readonly withoutBodies?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const { output, withoutBodies = false } = options;
  if (terminal.wantsJson && output === undefined) {
    throw new MedsealError(
      'USAGE',
      '--json reports on standard output, so the export needs a file of its own: -o FILE',
    );
  }
  expectOutput(output, path);
  const ledger = await openLedger(path);
  try {
    const blocks = await ledger.size();
    const bar = await terminal.progress('blocks', output === undefined ? null : blocks);
    const lines = counted(exportLedger(ledger, { withoutBodies, signal }), (done) => bar.update(done));
    try {
      if (output === undefined) {
        await writeStandardOutput(lines);
        return DONE;
      }
      const bytes = await writeFileWhole(output, lines, { mode: 0o644, compress: true });
      bar.stop();
      terminal.say(`Exported ${count(blocks, 'block')} into ${printable(output)} (${size(bytes)}).`);
      terminal.json({ file: output, blocks, bytes, withoutBodies });
    } finally {
      bar.stop();
    }
  } finally {
    await ledger.close();
  }
  return DONE;
}

async function* counted<T>(items: AsyncIterable<T>, onCount: (done: number) => void): AsyncGenerator<T> {
  let done = 0;
  for await (const item of items) {
    yield item;
    onCount(++done);
  }
}
