import { fromUtf8, toHex } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { type Block, isReadable } from '../../format/block.js';
import { sealedFields } from '../../format/entry.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { RecordPlace } from '../../ledger/prove.js';
import type { LedgerState } from '../../verify/state.js';
import { originalOf } from '../amendments.js';
import { type DatasetInfo, isWhollyErased } from '../directory.js';
import { patientsOf } from '../fhir/names.js';
import { holdingOf } from '../fhir/resources.js';
import { PATIENT } from '../fhir/values.js';
import type { Manifest } from '../manifest.js';
import { isFhir } from '../media-types.js';
import type { LookupColumn } from './columns.js';
import { conditionOn } from './conditions.js';
import { patientNamesIn } from './patient-names.js';
import { type FoundRow, type Missed, nothingMissed, type Searched, searchRows } from './search.js';

/** The rows of a subject in one data set, every version of them. */
export interface SubjectRows {
  readonly info: DatasetInfo;
  readonly rows: readonly FoundRow[];
  /** How many of them are of other patients too: FHIR resources can be of several. */
  readonly shared: number;
  /** What could not be looked at. */
  readonly missed: Missed;
}

/** What is not looked through for a subject. */
export interface Unsearched {
  /** Data sets that the key opens and that do not say whose record a row is. */
  readonly unnamed: readonly DatasetInfo[];
  /** How many data sets the key does not open. */
  readonly closed: number;
}

/** What `rowsOfSubject` passes over: rows of a subject may be there all the same. What is wholly erased holds none. */
export function unsearchedOf(datasets: readonly DatasetInfo[]): Unsearched {
  const left = datasets.filter((info) => !isWhollyErased(info));
  const opened = left.filter(({ granted }) => granted);
  const unnamed = opened.filter(({ manifest }) => subjectColumn(manifest) === undefined);
  return { unnamed, closed: left.length - opened.length };
}

function subjectColumn(manifest: Manifest | null): LookupColumn | undefined {
  return manifest?.lookup?.find(({ subject }) => subject);
}

export interface SubjectOptions {
  /** Reads all rows, whatever the index says. */
  readonly scan?: boolean;
  /** Data sets that tell by which other names FHIR resources call the patient. Default: those that are looked through. */
  readonly namesFrom?: readonly DatasetInfo[];
  readonly signal?: AbortSignal;
}

/**
 * Whatever there is of a subject, in a ledger that has been verified: the rows of every data set that says whose record a row
 * is, as far as the keys at hand open them.
 * @param datasets those to be looked through
 * @param subject the value of the subject's column; of FHIR data sets also those under the other names of this patient
 * @throws {MedsealError} `ARGUMENT_INVALID` where none of them has such a column; `ABORTED`, `STORE_FAILED`
 */
export async function rowsOfSubject(
  ledger: Ledger,
  state: LedgerState,
  datasets: readonly DatasetInfo[],
  subject: string,
  { scan = false, namesFrom = datasets, signal }: SubjectOptions = {},
): Promise<SubjectRows[]> {
  const blocks = await ledger.size();
  const isErased = ({ block, entry }: RecordPlace): boolean => state.isErased(block, entry);
  const withSubject = (
    infos: readonly DatasetInfo[],
  ): { manifest: Manifest; column: LookupColumn; searched: Searched }[] =>
    infos.flatMap((info) => {
      const { manifest } = info;
      const column = subjectColumn(manifest);
      if (manifest === null || column === undefined) return [];
      return [{ manifest, column, searched: { ledger, info, vouches: isInPlace, isErased, blocks, signal } }];
    });
  const lookedThrough = withSubject(datasets);
  if (lookedThrough.length === 0) {
    const message =
      'no data set that this key opens says whose record a row is: "seal --subject" names the column, for every group that has it';
    throw new MedsealError('ARGUMENT_INVALID', message);
  }
  // What one data set says of a patient tells how the others can call it.
  const names = new Set([subject]);
  for (const { column, searched } of withSubject(namesFrom)) {
    if (column.name !== PATIENT) continue;
    for (const name of await patientNamesIn(searched, subject, scan)) names.add(name);
  }
  const found: SubjectRows[] = [];
  for (const { manifest, column, searched } of lookedThrough) {
    const isPatient = isFhir(manifest.media_type) && column.name === PATIENT;
    const conditions = [conditionOn(manifest, column, isPatient ? [...names] : [subject])];
    const missed = nothingMissed();
    const rows: FoundRow[] = [];
    let shared = 0;
    for await (const row of await searchRows(searched, conditions, missed, scan)) {
      rows.push(row);
      if (isOfOthers(manifest, row, names)) shared++;
    }
    found.push({ info: searched.info, rows, shared, missed });
  }
  return found;
}

/** Whether a FHIR resource is also of a patient who has none of these names, as far as names say that they are a patient's. */
function isOfOthers({ media_type }: Manifest, { content }: FoundRow, names: ReadonlySet<string>): boolean {
  const holding = holdingOf(media_type);
  if (holding === null) return false;
  for (const name of patientsOf(fromUtf8(content) ?? '', holding)) {
    if (name.startsWith('Patient/') && !names.has(name)) return true;
  }
  return false;
}

/** In a ledger that has been verified, blocks lie where their numbers say. */
function isInPlace(position: number, { header }: Block): boolean {
  return header.index === position;
}

/** The numbers by which rows are erased or read: of a version, that of the row that it corrects. */
export function originalsOf({ info, rows }: SubjectRows): Set<number> {
  return new Set(rows.map(({ row }) => originalOf(info.amendments, row) ?? row));
}

/** An entry that holds something of a subject. */
export interface SubjectEntry {
  readonly dataset: string;
  readonly row: number;
  readonly block: number;
  readonly entry: number;
  /** The id of the key that it is sealed under. */
  readonly keyId: string;
}

/** All entries of a subject's rows: those of every column group, whoever can open them. */
export async function entriesOf(
  ledger: Ledger,
  state: LedgerState,
  { info, rows }: SubjectRows,
): Promise<SubjectEntry[]> {
  const entries: SubjectEntry[] = [];
  for (const { row, block } of rows) {
    const item = await ledger.block(block);
    for (const [entry, { kind, bytes }] of (item !== null && isReadable(item) ? item.entries : []).entries()) {
      if (kind !== 'sealed') continue;
      const fields = sealedFields(bytes);
      const keyId = toHex(fields.keyId);
      const key = state.keys.get(keyId);
      if (fields.row !== row || key?.kind !== 'group' || key.dataset !== info.id) continue;
      entries.push({ dataset: info.id, row, block, entry, keyId });
    }
  }
  return entries;
}
