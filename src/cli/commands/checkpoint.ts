import { utf8 } from '../../bytes.js';
import { makeCheckpoint } from '../../ledger/checkpoint.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { expectOtherFile, writeFileWhole, writeStandardOutput } from '../files.js';
import { type KeyOptions, keyFileOf, rememberedHeads, requiredIdentity } from '../key-option.js';
import { count, printable } from '../terminal.js';

interface Options extends KeyOptions {
  readonly output?: string;
  readonly acceptRollback?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const { output, acceptRollback = false } = options;
  expectOtherFile(output, path, keyFileOf(options));
  const owner = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const bar = await terminal.progress('blocks', await ledger.size());
    const made = await makeCheckpoint(ledger, owner, {
      signal,
      acceptRollback,
      onProgress: (blocks) => bar.update(blocks),
      ...rememberedHeads(options, owner, terminal),
    }).finally(() => bar.stop());
    if (output !== undefined) await writeFileWhole(output, oneChunk(made.text), { mode: 0o644 });
    else if (!terminal.wantsJson) await writeStandardOutput(oneChunk(made.text));
    if (output !== undefined) {
      terminal.say(`Signed a checkpoint of ${count(made.size, 'block')} into ${printable(output)}.`);
    }
    terminal.json({ file: output ?? null, ...made });
    return DONE;
  } finally {
    await ledger.close();
  }
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield utf8(text);
}
