import pc from 'picocolors';
import type { MedsealError } from '../errors.js';
import type { BlockItem } from '../format/block.js';
import type { Verdict } from '../verify/verdict.js';

/** How a command speaks: its answer on standard output, everything else on standard error. */
export interface Terminal {
  readonly wantsJson: boolean;
  /** The answer, for people; left out with --json and --quiet. */
  say(text: string): void;
  /** The answer as one JSON document, with --json only. */
  json(value: unknown): void;
  /** What helps on the way; left out with --json and --quiet. */
  note(text: string): void;
  /** What must not be missed; left out with --quiet. */
  warn(text: string): void;
  /** A bar on a terminal, nothing elsewhere. Of `bytes`, how many there are is said as people say it. */
  progress(unit: string, total: number | null): Promise<ProgressBar>;
}

export interface ProgressBar {
  update(value: number): void;
  stop(): void;
}

export interface TerminalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const { stdout, stderr, env } = process;
const colourful = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && !env.NO_COLOR;
const out = pc.createColors(colourful(stdout));
const err = pc.createColors(colourful(stderr));

export function createTerminal({ json = false, quiet = false }: TerminalOptions): Terminal {
  return {
    wantsJson: json,
    say: (text) => void (json || quiet || write(stdout, text)),
    json: (value) => void (json && stdout.write(`${jsonText(value, 2)}\n`)),
    note: (text) => void (json || quiet || write(stderr, text)),
    warn: (text) => void (quiet || write(stderr, `${err.yellow('warning:')} ${text}`)),
    progress: async (unit, total) => (json || quiet || !stderr.isTTY || total === null ? silentBar : bar(unit, total)),
  };
}

/** The bar that stands on the terminal now. */
let standing: ProgressBar | null = null;

/** A line of its own, never behind a bar. */
function write(stream: NodeJS.WriteStream, text: string): void {
  standing?.stop();
  // Whoever composed the line may have forgotten where its parts come from: nothing that we say ourselves has such characters.
  stream.write(`${withoutTurns(text)}\n`);
}

const silentBar: ProgressBar = { update() {}, stop() {} };

async function bar(unit: string, total: number): Promise<ProgressBar> {
  const { default: progress } = await import('cli-progress');
  const said = (value: number): string => (unit === 'bytes' ? size(value) : `${count(value)} ${unit}`);
  const single = new progress.SingleBar({
    format: ` {bar} {percentage} % · {done} of ${said(total)} · {rate}/s · {left} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    stream: stderr,
    hideCursor: true,
    clearOnComplete: true,
    fps: 10,
  });
  const start = performance.now();
  const done = (value: number): string => (unit === 'bytes' ? size(value) : count(value));
  single.start(total, 0, { done: done(0), rate: '–', left: '–' });
  standing = {
    update(value) {
      const perSecond = (value * 1000) / (performance.now() - start);
      const left = value === 0 ? '–' : duration((total - value) / perSecond);
      single.update(value, { done: done(Math.round(value)), rate: said(Math.round(perSecond)), left });
    },
    stop: () => single.stop(),
  };
  return standing;
}

/** Seconds as a person says them: 40 s, 3 min, 1.5 h. */
function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 100 * 60 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export function printError(error: MedsealError): void {
  write(stderr, `${err.red('medseal:')} ${printable(error.message)}`);
}

/**
 * Marks that turn the direction in which text runs, and ends of lines that are no line feed: what stands behind one can be
 * shown before it, so that a person reads something else than what is there (Unicode Standard Annex #9, section 2).
 */
const TURNS = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The text with such marks written out: `\u202e`. In JSON that is the same text. */
function withoutTurns(text: string): string {
  return text.replace(TURNS, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON that can go to a terminal. */
export function jsonText(value: unknown, indent?: number): string {
  return withoutTurns(JSON.stringify(value, null, indent));
}

/** Text that a file or a record brought along: its control characters and turns must not reach the terminal as such. */
export function printable(text: string): string {
  return withoutTurns(text)
    .replaceAll('\r\n', '\n')
    .replace(/\p{Cc}/gu, (character) =>
      character === '\n' || character === '\t'
        ? character
        : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
}

export const good = (text: string): string => out.green(text);
export const bad = (text: string): string => out.red(text);
export const bold = (text: string): string => out.bold(text);
export const dim = (text: string): string => out.dim(text);

/** 1234567 as 1,234,567, whatever the machine's locale. */
export function count(value: number, noun = ''): string {
  const digits = String(value).replace(/\B(?=(\d{3})+$)/g, ',');
  return noun === '' ? digits : `${digits} ${noun}${value === 1 ? '' : 's'}`;
}

/** A size in bytes as people say it: 1.2 MB. */
export function size(bytes: number): string {
  if (bytes < 1000) return count(bytes, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 999.95 && unit < units.length - 1; unit++) value /= 1000;
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Label and value in two columns. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${dim(name.padEnd(width))}  ${value}`).join('\n');
}

/** A block as the original document's verification output prints it. */
export function blockText(
  number: number,
  item: BlockItem,
  signatureValid: boolean,
  data: readonly string[],
  indent: string = ' '.repeat(19),
): string {
  if ('error' in item) return `Block ${number} :\n  Unreadable:      ${printable(item.error.message)}\n`;
  const { header, proof } = item;
  const lines = data.map((text) => printable(text).trimEnd().replaceAll('\n', `\n${indent}`));
  return [
    `Block ${number} :`,
    `  Signature valid: ${signatureValid ? good('True') : bad('False')}`,
    `  Index:           ${header.index}`,
    `  Timestamp:       ${header.timestamp}`,
    `  Data:            ${lines.join(`\n${indent}`)}`,
    `  Proof:           ${proof}`,
    `  Previous Hash:   ${header.previous_hash}`,
    '',
  ].join('\n');
}

/** A verdict for people: the answer first, then what is wrong, then what was not established. */
export function verdictText(name: string, verdict: Verdict, seconds: number): string {
  const { problems, notices } = verdict;
  const answer = verdict.ok
    ? good(bold(`OK: ${name} verifies.`))
    : verdict.undecided
      ? bad(bold(`UNDECIDED: ${name} holds a block of a newer format.`))
      : bad(bold(`NOT OK: ${name} does not verify: ${count(problems.length, 'problem')}.`));
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ block, entry, code, message }) => {
    const where = entry === null ? `block ${block}` : `block ${block}, entry ${entry}`;
    return `  ${bad(where)}: ${bold(code)}: ${printable(message)}`;
  });
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`  … and ${count(more)} more; --json lists all`);
  const facts = table([
    ['ledger', verdict.ledger ?? 'not established'],
    ['owner', verdict.owner ?? 'not established'],
    ['head', verdict.head ?? 'not established'],
    [
      'holds',
      `${count(verdict.blocks, 'block')}, ${count(verdict.records, 'record')}, ${count(verdict.statements, 'statement')}${verdict.erased > 0 ? `, ${count(verdict.erased)} erased` : ''}`,
    ],
    ['time', `${seconds.toFixed(2)} s`],
  ]);
  if (problems.length > 0 && problems.every(({ code }) => code === 'SALT_MISSING' || code === 'BODY_MISSING')) {
    shown.push('  If this is an export that withholds the records on purpose, --without-bodies accepts it.');
  }
  const notes = notices.map(
    ({ block, message }) => `  ${dim('note')}    ${block === null ? '' : `block ${block}: `}${message}`,
  );
  return [answer, ...shown, facts, ...notes].join('\n');
}

const MOST_PROBLEMS = 20;
