// Opening: from one private key and the ledger alone ("Keys"). Nothing is verified here; that is verify.ts's work.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Block, blockHash, headerHash } from './block.js';
import { type Bytes, demand, Fault, fromB64, fromHex, hex, join, utf8 } from './bytes.js';
import { type Line, splitLines } from './csv.js';
import { isObject, type Json, type JsonObject, parseJcs } from './jcs.js';
import { type GroupKey, headFields, openRecord, unwrapKey } from './seal.js';

export type OpenedDataSet = { name: string; id: string; bytes: Uint8Array };

type Manifest = { name: string; terminator: string; delimiter: string; columns: { index: number; name: string }[] };

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** One for each data set that was granted to the key, in the order of the ledger. */
export function oracleOpen(exportText: string, privateKeyHex: string): OpenedDataSet[] {
  const privateKey = fromHex(privateKeyHex, 32);
  const blocks = exportText
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Block);
  const ledger = ledgerId(blocks[0]);
  const elements = blocks.flatMap((block) => block.data).filter(isObject);

  const me = hex(secp256k1.getPublicKey(privateKey, true));
  const mine = elements.filter((element) => element.kind === 'grant' && element.to === me);
  return elements
    .filter((element) => element.kind === 'dataset')
    .flatMap((dataSet) => {
      const keys = dataSet.keys as string[];
      const groups = keys.flatMap((id) => {
        const grants = mine.filter((grant) => grant.key_id === id);
        return grants.length === 0 ? [] : [openGroup(ledger, firstThatOpens(ledger, grants, privateKey), elements)];
      });
      if (groups.length === 0) return [];
      const placed = groups.filter((group) => group !== null);
      demand(placed.length > 0, 'the data set has no row 0');
      return [{ id: String(dataSet.id), ...openDataSet(placed, keys.length, elements, String(dataSet.id)) }];
    });
}

function ledgerId(genesis: Block | undefined): Bytes {
  demand(genesis !== undefined, 'no block');
  const { proof, signature, data: _data, ...header } = genesis;
  return blockHash(headerHash(header), proof, fromHex(signature, 64));
}

/** Nobody but the recipient sees whether a grant opens, so one that does not must not hide one that does. */
function firstThatOpens(ledger: Bytes, grants: JsonObject[], privateKey: Uint8Array): GroupKey {
  for (const grant of grants) {
    try {
      return unwrapKey(ledger, grant, privateKey);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
  throw new Fault('no grant opens');
}

type OpenGroup = { manifest: Manifest; rows: Map<number, Bytes> };

/** The group's part of each row; of row 0 its part of the header line. */
function openGroup(ledger: Bytes, key: GroupKey, elements: JsonObject[]): OpenGroup | null {
  const rows = new Map<number, Bytes>();
  for (const element of elements) {
    if (element.sealed === undefined) continue;
    const record = {
      head: fromB64(String(element.sealed), 89),
      body: fromB64(String(element.body)),
      salt: fromB64(String(element.salt), 32),
    };
    const { keyId, row } = headFields(record.head);
    if (keyId === hex(key.keyId)) rows.set(Number(row), openRecord(ledger, key, record));
  }
  const first = rows.get(0);
  // It has been erased, and with it which columns these are.
  if (first === undefined) return null;
  const { manifest, headerLine } = splitRowZero(first);
  return { manifest, rows: rows.set(0, join(headerLine)) };
}

function openDataSet(
  groups: OpenGroup[],
  count: number,
  elements: JsonObject[],
  id: string,
): { name: string; bytes: Uint8Array } {
  const last = Math.max(...groups.flatMap(({ rows }) => [...rows.keys()]));
  const { name, terminator } = groups[0]!.manifest;
  const lines = Array.from({ length: last + 1 }, (_, row) => {
    const parts = groups.map(({ rows }) => rows.get(row));
    return count === 1 ? parts[0]! : together(groups, parts, count, row === 0);
  });
  const [header, ...rows] = lines;
  return { name, bytes: joinLines([header!, ...newest(rows, elements, id)], utf8(terminator)) };
}

/** The fields of all groups at hand in the order of the file; of a part that is not there they are empty. */
function together(groups: OpenGroup[], parts: (Bytes | undefined)[], count: number, isHeader: boolean): Bytes {
  const { delimiter, terminator } = groups[0]!.manifest;
  let lineEnd = '';
  const fields = groups.flatMap(({ manifest: { columns } }, at) => {
    const part = parts[at];
    if (part === undefined) return columns.map(({ index }) => ({ index, bytes: new Uint8Array(0) }));
    const line = cut(part, delimiter, isHeader && columns[0]!.index === 0);
    demand(line.fields.length === columns.length, 'a part has other fields than its group has columns');
    lineEnd += line.terminator;
    return columns.map(({ index }, field) => ({ index, bytes: line.fields[field]! }));
  });
  fields.sort((a, b) => a.index - b.index);
  const complete = groups.length === count && !parts.includes(undefined);
  const end = complete || lineEnd !== '' ? lineEnd : terminator;
  return join(...fields.map(({ bytes }, at) => join(utf8(at === 0 ? '' : delimiter), bytes)), utf8(end));
}

/** One line, of which a mark at the beginning is one only where it begins the file. */
function cut(part: Uint8Array, delimiter: string, beginsFile: boolean): Line {
  if (part.length === 0) return { bytes: part, fields: [part], terminator: '' };
  // Behind another line nothing is the beginning of a file.
  const lines = splitLines(beginsFile ? part : join(utf8('\n'), part), delimiter).slice(beginsFile ? 0 : 1);
  demand(lines.length === 1, 'a part is more than one record');
  return lines[0]!;
}

/** "Readers show the newest version in the place of the row": the last that was said of it. */
function newest(rows: Uint8Array[], elements: JsonObject[], id: string): Uint8Array[] {
  const said = elements.filter((element) => element.kind === 'amend' && element.id === id);
  const versions = new Set(said.map((element) => Number(element.by)));
  return rows.flatMap((content, at) => {
    if (versions.has(at + 1)) return [];
    const last = said.findLast((element) => element.row === at + 1);
    return [last === undefined ? content : rows[Number(last.by) - 1]!];
  });
}

/** "Row 0 begins with a one-line JCS manifest and a line feed; after it the exact bytes of the header line." */
function splitRowZero(content: Uint8Array): { manifest: Manifest; headerLine: Uint8Array } {
  const end = content.indexOf(LINE_FEED);
  demand(end >= 0, 'row 0 has no manifest');
  const parsed: Json = parseJcs(new TextDecoder('utf-8', { fatal: true }).decode(content.slice(0, end)), 8);
  demand(isObject(parsed) && parsed.version === 1, 'the manifest is of another version');
  return { manifest: parsed as Manifest, headerLine: content.slice(end + 1) };
}

/** Only a file's last line may lack its terminator; where rows were appended after such a one, it gets one. */
function joinLines(lines: Uint8Array[], terminator: Uint8Array): Uint8Array {
  const last = lines.length - 1;
  return join(...lines.map((line, at) => (at === last || isTerminated(line) ? line : join(line, terminator))));
}

function isTerminated(line: Uint8Array): boolean {
  return line.at(-1) === LINE_FEED || line.at(-1) === CARRIAGE_RETURN;
}
