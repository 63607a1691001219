import { parsePublicKey } from '../../keys/public-key.js';
import { undetectedChanges } from '../../notebook/undetected.js';
import { chainRules } from '../../notebook/verify.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode } from '../context.js';
import { readChain } from '../notebook-files.js';
import { chainItemText, chainVerdictText, undetectedText } from '../notebook-text.js';
import { printable } from '../terminal.js';

interface Options {
  readonly publicKey: string;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  const publicKey = await parsePublicKey(options.publicKey);
  const chain = await readChain(path);
  const rules = await chainRules(publicKey);
  const verdict = rules(chain.items);
  for (const [i, item] of chain.items.entries()) {
    terminal.say(chainItemText(i + 1, item, verdict.signatures[i] ?? false));
  }
  terminal.say(chainVerdictText(path === '-' ? 'standard input' : printable(path), verdict));
  if (chain.length !== null && chain.length !== BigInt(verdict.blocks)) {
    terminal.warn(`the file says that the chain has ${chain.length} blocks; it has ${verdict.blocks}`);
  }
  // Copies of a chain that fails fail with it, which would show nothing.
  const tried = verdict.ok ? await undetectedChanges(chain, publicKey, rules) : [];
  if (tried.length > 0) terminal.say(`\n${undetectedText(tried)}`);
  terminal.json({ ...verdict, file: path, undetected: tried });
  return verdict.ok ? DONE : ANSWER_IS_NO;
}
