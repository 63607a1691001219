import type { ChainItem } from '../notebook/chain.js';
import type { Losses } from '../notebook/losses.js';
import type { NotebookRow, NotedValue, OpenedChain } from '../notebook/open.js';
import type { TriedChange } from '../notebook/undetected.js';
import type { ChainVerdict } from '../notebook/verify.js';
import { bad, bold, count, good, printable, table } from './terminal.js';

const MOST_PROBLEMS = 20;
/** As the document shows what is encrypted. */
const SHOWN_CHARACTERS = 9;

/** A block as the document's verification output prints it; what is encrypted stays so. */
export function chainItemText(place: number, { block, fault }: ChainItem, signatureValid: boolean): string {
  if (block === null) return `Block ${place} :\n  Unreadable:      ${fault}\n`;
  return [
    `Block ${place} :`,
    `  Signature valid: ${signatureValid ? good('True') : bad('False')}`,
    `  Index:           ${block.index}`,
    `  Timestamp:       ${printable(block.timestamp)}`,
    `  Data:            ${dataText(block.data, place, signatureValid)}`,
    `  Proof:           ${block.proof}`,
    `  Previous Hash:   ${printable(block.previous_hash)}`,
    '',
  ].join('\n');
}

function dataText(data: string, place: number, signatureValid: boolean): string {
  if (place === 1) return printable(data);
  if (!signatureValid) return '[INVALID SIGNATURE — DATA NOT DECRYPTED]';
  return data.length > SHOWN_CHARACTERS
    ? `${printable(data.slice(0, SHOWN_CHARACTERS))}...[encrypted]`
    : printable(data);
}

export function chainVerdictText(name: string, { ok, blocks, publicKey, problems }: ChainVerdict): string {
  const answer = ok
    ? good(bold(`OK: ${name} verifies by the notebook’s rules.`))
    : bad(bold(`NOT OK: ${name} does not verify by the notebook’s rules: ${count(problems.length, 'problem')}.`));
  const shown = problems
    .slice(0, MOST_PROBLEMS)
    .map(({ block, code, message }) => `  ${bad(`block ${block}`)}: ${bold(code)}: ${message}`);
  if (problems.length > shown.length)
    shown.push(`  … and ${count(problems.length - shown.length)} more; --json lists all`);
  const facts = table([
    ['public key', publicKey],
    ['holds', `${count(blocks, 'block')}, ${count(blocks - 1, 'record')}`],
  ]);
  return [answer, ...shown, facts].join('\n');
}

/** What the rules do not find, each shown on a copy of this chain. */
export function undetectedText(tried: readonly TriedChange[]): string {
  const lines = tried.map(({ text, detected }) => `  ${detected ? good('found    ') : bad('not found')}  ${text}`);
  return [
    'What these rules cannot detect. Every signature is over the same word, so it fits any block; the proof of work covers',
    'no data; and nobody needs a key to compute a hash link. Tried on copies of this chain, without the private key:',
    ...lines,
    'So they do not show who wrote a record, when, in which order, or whether any was changed, added or left out. What is',
    'encrypted nobody can read or invent without the key; "medseal notebook import" takes the records into a ledger that',
    'does show all this from then on.',
  ].join('\n');
}

const OTHER_KEY =
  'nothing opened: this is hardly the key with which the chain was made (--notebook-key names the one that a notebook has saved)';

/**
 * What of a chain did not come back, or not as it was.
 * @param medsealKey the key file of Medseal that was given as the notebook's key, where one was
 */
export function lossTexts(opened: OpenedChain, medsealKey: string | null): string[] {
  const { verdict, rows, unopened, unread, cut, rounded, shortened, nones } = opened;
  const problems = verdict.problems
    .slice(0, MOST_PROBLEMS)
    .map(({ block, code, message }) => `block ${block}: ${code}: ${message}`);
  if (verdict.problems.length > problems.length) {
    problems.push(`${count(verdict.problems.length - problems.length, 'further problem')}`);
  }
  const isOtherKey = rows.length === 0 && unopened.length > 0;
  const texts = isOtherKey ? [otherKeyText(medsealKey), ...problems] : problems;
  if (unopened.length > 0)
    texts.push(`${count(unopened.length, 'block')} did not open under this key: ${some(unopened)}`);
  if (unread.length > 0) texts.push(`${count(unread.length, 'block')} opened, and hold no row’s text: ${some(unread)}`);
  for (const [column, blocks] of byColumn(cut)) {
    texts.push(
      `${count(blocks.length, 'value')} of "${printable(column)}" had been cut by pandas at 50 characters and end in "...": block ${some(blocks)}`,
    );
  }
  for (const [column, blocks] of byColumn(rounded)) {
    texts.push(
      `${count(blocks.length, 'value')} of "${printable(column)}" may have been rounded by pandas to six decimals: block ${some(blocks)}`,
    );
  }
  const zeros = zerosOf(rows, shortened);
  for (const [column, blocks] of byColumn(shortened)) {
    const zero = zeros.get(column) ?? 0;
    const small = zero === 0 ? '' : `; ${zero} of them are 0.0, which can be any number smaller than 0.0000005`;
    texts.push(
      `${count(blocks.length, 'value')} of "${printable(column)}" with fewer than six decimals may have been rounded all the same: pandas rounds first, and then drops zeros at the end${small}`,
    );
  }
  for (const [column, blocks] of byColumn(nones)) {
    texts.push(
      `${count(blocks.length, 'value')} of "${printable(column)}" read "None", which can be text, and is kept as text, or a missing value of pandas 1.5 or 2: block ${some(blocks)}`,
    );
  }
  return texts;
}

/** How many of the noted values are 0.0, by column. */
function zerosOf(rows: readonly NotebookRow[], values: readonly NotedValue[]): Map<string, number> {
  const byPlace = new Map(rows.map((row) => [row.place, row.values]));
  const zeros = new Map<string, number>();
  for (const { block, column } of values) {
    if (Number(byPlace.get(block)?.get(column)?.text) === 0) zeros.set(column, (zeros.get(column) ?? 0) + 1);
  }
  return zeros;
}

function otherKeyText(medsealKey: string | null): string {
  if (medsealKey === null) return OTHER_KEY;
  return `nothing opened: ${printable(medsealKey)} is a key file of Medseal, and hardly the key with which the chain was made (--notebook-key takes the one that a notebook has saved)`;
}

function byColumn(values: readonly NotedValue[]): Map<string, number[]> {
  const columns = new Map<string, number[]>();
  for (const { column, block } of values) {
    const blocks = columns.get(column) ?? [];
    blocks.push(block);
    columns.set(column, blocks);
  }
  return columns;
}

function some(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 10).join(', ');
  return numbers.length > 10 ? `${shown}, … (--json lists all)` : shown;
}

/** What a chain that has been made does not keep of its table. */
export function createdLossTexts(losses: Losses): string[] {
  return losses.flatMap(({ column, cut, rounded, rewritten }) => {
    const of = (number: number, noun: string, what: string): string[] =>
      number === 0 ? [] : [`${count(number, noun)} of "${printable(column)}" ${what}`];
    return [
      ...of(cut, 'value', 'cut at 50 characters, as pandas does'),
      ...of(rounded, 'number', 'rounded to the decimals that pandas writes'),
      ...of(rewritten, 'value', 'written as pandas reads them, such as 007 as 7 or NA as NaN; --text keeps them'),
    ];
  });
}
