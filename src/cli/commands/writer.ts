import { parsePublicKey } from '../../keys/public-key.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';

/** `writer add` and `writer remove`: what each says, and what it comes to. */
const COMMANDS = {
  add: {
    kind: 'writer',
    done: 'Added a writer',
    means: 'the key may seal data sets of its own from the next block on.',
  },
  remove: {
    kind: 'writer-removed',
    done: 'Removed a writer',
    means: 'the key signs no more blocks. What was granted to it stays granted; "medseal revoke" ends that.',
  },
} as const;

type Run = (args: string[], options: SayOptions, context: Context) => Promise<ExitCode>;

export function writerCommand(name: keyof typeof COMMANDS): { run: Run } {
  const { kind, done, means } = COMMANDS[name];
  return {
    run: async ([path = '', key = ''], options, context) => {
      const public_key = await parsePublicKey(key);
      return sayAndTell(
        path,
        options,
        context,
        async () => [{ kind, public_key }],
        (block) => ({ text: `${done} in block ${block}: ${means}`, json: { writer: public_key } }),
      );
    },
  };
}
