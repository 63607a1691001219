import { MedsealError } from '../../errors.js';
import { type BlockItem, isReadable } from '../../format/block.js';
import { hashOf } from '../../format/header.js';
import { openLedger } from '../../ledger/ledger.js';
import { summaries } from '../block-data.js';
import { type Context, DONE, type ExitCode, wholeNumber } from '../context.js';
import { bad, dim, printable } from '../terminal.js';

interface Options {
  readonly from?: string;
  readonly to?: string;
}

export async function run([path = '']: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const from = options.from === undefined ? 1 : wholeNumber(options.from, '--from', 1);
  const to = options.to === undefined ? undefined : wholeNumber(options.to, '--to', 1);
  if (to !== undefined && to < from) throw new MedsealError('USAGE', '--to is before --from');
  const ledger = await openLedger(path);
  const lines: unknown[] = [];
  try {
    const size = await ledger.size();
    if (from > size) throw new MedsealError('USAGE', `there is no block ${from}: the ledger has blocks 1 to ${size}`);
    let index = from;
    for await (const item of ledger.blocks({ from, ...(to === undefined ? {} : { to }), bodies: false })) {
      if (signal.aborted) throw new MedsealError('ABORTED', 'interrupted');
      // Where blocks are missing, the ones behind keep their own numbers.
      if (isReadable(item)) index = item.header.index;
      if (terminal.wantsJson) lines.push(asJson(index, item));
      else terminal.say(asLine(index, item));
      index++;
    }
    terminal.json(lines);
  } finally {
    await ledger.close();
  }
  return DONE;
}

function asLine(index: number, item: BlockItem): string {
  const number = String(index).padStart(6);
  if (!isReadable(item)) return `${number}  ${bad(`unreadable: ${printable(item.error.message)}`)}`;
  const { header } = item;
  const hash = hashOf(item).slice(0, 12);
  return `${number}  ${header.timestamp}  ${hash}  ${summaries(item).join(', ')}  ${dim(`by ${header.signer.slice(0, 12)}`)}`;
}

function asJson(index: number, item: BlockItem): unknown {
  if (!isReadable(item)) return { index, error: { code: item.error.code, message: item.error.message } };
  const { header, proof } = item;
  return { ...header, proof, hash: hashOf(item), entries: summaries(item) };
}
