import { toHex } from '../bytes.js';
import { fieldText, fieldValue, splitRecord } from '../dataset/csv/fields.js';
import type { ListedDirectory } from '../dataset/directory.js';
import type { GroupInfo } from '../dataset/group-info.js';
import { isTable } from '../dataset/media-types.js';
import { openWith } from '../dataset/records.js';
import type { Block } from '../format/block.js';
import { type Entry, keyIdOf, rowOf, type SealedEntry } from '../format/entry.js';
import { parseStatement, type Statement } from '../format/statement.js';
import { count } from './terminal.js';

/** What a block holds, in a few words: kinds of statements, and the rows that are sealed in it. */
export function summaries({ entries }: Block): string[] {
  const parts: string[] = [];
  let first: number | null = null;
  let last = 0;
  let rows = 0;
  let records = 0;
  for (const entry of entries) {
    if (entry.kind === 'statement') {
      parts.push(statementText(entry.bytes, false));
      continue;
    }
    const row = rowOf(entry.bytes);
    if (row !== last || records === 0) rows++;
    last = row;
    first ??= row;
    records++;
  }
  if (first !== null && rows === 1) parts.push(rowText(first) + (records === 1 ? '' : `, ${count(records, 'record')}`));
  if (first !== null && rows > 1) parts.push(`${count(records, 'record')}, rows ${first} to ${last}`);
  return parts;
}

function rowText(row: number): string {
  return row === 0 ? 'header row' : `row ${row}`;
}

/**
 * One text an entry: statements in words, records decrypted where a key is at hand.
 * @param directory what the key opens, and what has been erased; null without a key
 */
export function entryTexts(block: Block, directory: ListedDirectory | null): string[] {
  return block.entries.map((entry, position) => {
    if (entry.kind === 'statement') return statementText(entry.bytes, true);
    // What a killed process has left of an erased record is nobody's to see.
    const isErased = directory?.state.isErased(block.header.index, position);
    return isErased ? `[${rowText(rowOf(entry.bytes))}: erased]` : recordText(entry, directory);
  });
}

function recordText(entry: Extract<Entry, { kind: 'sealed' }>, directory: ListedDirectory | null): string {
  const [keyId, row] = [keyIdOf(entry.bytes), rowOf(entry.bytes)];
  const named = toHex(keyId);
  const held = entry.body === null ? 'content withheld' : `${count(entry.body.length, 'byte')} sealed`;
  const sealed = `[${rowText(row)}: ${held}]`;
  if (directory === null) return sealed;
  const group = directory.datasets.flatMap(({ groups }) => groups).find(({ keyIds }) => keyIds.includes(named));
  if (group === undefined || !group.keys.has(named)) return `${sealed} (not granted to this key)`;
  if (entry.body === null) return sealed;
  const content = openContent(entry, group);
  return content ?? `[${rowText(row)}: does not open]`;
}

/**
 * The content for people: a row's columns with their names, a line each, as the notebook's data frame prints a row; of
 * the header row, the header line without the manifest before it.
 */
function openContent(entry: SealedEntry, { keys, manifest }: GroupInfo): string | null {
  const content = openWith(keys, entry);
  if (content === null) return null;
  const row = rowOf(entry.bytes);
  if (manifest === null || !isTable(manifest.media_type) || row === 0) {
    const bytes = row === 0 ? content.subarray(content.indexOf(0x0a) + 1) : content;
    return fieldText(bytes, manifest?.encoding ?? 'utf-8');
  }
  const { fields } = splitRecord(content, manifest.delimiter.charCodeAt(0));
  const width = manifest.columns.reduce((most, { name }) => Math.max(most, name.length), 0);
  return manifest.columns
    .map(({ name }, column) => {
      const { start = 0, end = 0 } = fields[column] ?? {};
      const value = fieldValue(content.subarray(start, end), manifest.encoding).trimEnd();
      return `${name.padEnd(width)}    ${value.replaceAll('\n', `\n${' '.repeat(width + 4)}`)}`;
    })
    .join('\n');
}

function statementText(bytes: Uint8Array, full: boolean): string {
  let statement: Statement;
  try {
    statement = parseStatement(bytes);
  } catch {
    return 'a statement that is not well-formed';
  }
  if (statement.kind === 'ledger') return full ? `Genesis Block (owner ${statement.owner})` : 'Genesis Block';
  if (!full) return statement.kind;
  const { kind, enc, wrapped, ...members } = statement as Record<string, unknown>;
  const shown = Object.entries(members).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${kind}: ${shown.join(', ')}`;
}
