import { eraseStatements } from '../access/erasure.js';
import type { Granter } from '../access/readers.js';
import type { Identity } from '../crypto/identity.js';
import { chooseDataset } from '../dataset/choose-dataset.js';
import { listDatasets } from '../dataset/directory.js';
import { eraseSubject } from '../dataset/lookup/subject-erasure.js';
import { MedsealError } from '../errors.js';
import type { EraseStatement } from '../format/statement.js';
import type { Ledger } from '../ledger/ledger.js';
import { chosenGroups, type DatasetChoice } from './dataset-choice.js';
import { hintAtPatient } from './fhir-hint.js';
import { rowRange } from './row-range.js';
import type { Terminal } from './terminal.js';
import { PERHAPS_ERASED, type UnsearchedJson, warnOfUnsearched } from './unsearched.js';

/** What `erase` is told to destroy. */
export interface ErasureOptions extends Partial<DatasetChoice> {
  readonly rows?: string;
  readonly subject?: string;
  readonly scan?: boolean;
  readonly reason: string;
  readonly basis: string;
}

/** What is to be said for that. */
export interface Erasing {
  readonly statements: readonly EraseStatement[];
  /** How many records they cover. */
  readonly records: number;
  /** Of which data sets, by their names. */
  readonly datasets: readonly string[];
  /** Rows that are of other patients too. */
  readonly shared: number;
  /** Records that could not be looked at, whosever they are. */
  readonly missed: number;
  /** What was not looked through for a subject; null where none was named. */
  readonly unsearched: UnsearchedJson | null;
}

/** @throws {MedsealError} `USAGE` for options that do not go together */
export function expectChoice({ dataset, rows, subject, scan }: ErasureOptions): void {
  const which = subject === undefined ? dataset !== undefined : rows === undefined;
  if (which && !(scan && subject === undefined)) return;
  const message =
    'erase takes a data set (--dataset), with or without --rows, or a subject (--subject), with or without --scan';
  throw new MedsealError('USAGE', message);
}

/**
 * Warns of what is not looked through for a subject.
 * @throws {MedsealError} what `chosenGroups`, `eraseStatements` and `eraseSubject` throw
 */
export async function erasing(
  granter: Granter,
  opened: { ledger: Ledger; identity: Identity },
  options: ErasureOptions,
  terminal: Pick<Terminal, 'warn' | 'note'> = { warn() {}, note() {} },
): Promise<Erasing> {
  const { dataset = '', subject, reason, basis } = options;
  if (subject !== undefined) return erasingSubject(granter, opened, { ...options, subject }, terminal);
  const rows = rowRange(options.rows);
  const { id, keyIds } = await chosenGroups(granter, opened, { ...options, dataset });
  const request = { keyIds, reason, basis, ...(rows === undefined ? {} : { rows }) };
  const statements = await eraseStatements(opened.ledger, granter.writer.state, id, request);
  return { statements, records: recordsOf(statements), datasets: [dataset], shared: 0, missed: 0, unsearched: null };
}

async function erasingSubject(
  granter: Granter,
  opened: { ledger: Ledger; identity: Identity },
  { subject, ...options }: ErasureOptions & { readonly subject: string },
  terminal: Pick<Terminal, 'warn' | 'note'>,
): Promise<Erasing> {
  const { ledger, identity } = opened;
  const directory = await listDatasets(ledger, identity);
  const datasets = options.dataset === undefined ? directory.datasets : [chooseDataset(directory, options.dataset)];
  const unsearched = warnOfUnsearched(datasets, terminal);
  const { statements, shared, missed, ...found } = await eraseSubject(ledger, granter.writer.state, datasets, {
    ...{ subject, reason: options.reason, basis: options.basis, namesFrom: directory.datasets },
    ...(options.group === undefined ? {} : { group: options.group }),
    ...(options.scan ? { scan: true } : {}),
  }).catch((error: unknown) => {
    if (!(error instanceof MedsealError) || error.code !== 'ARGUMENT_INVALID') throw error;
    hintAtPatient(datasets, subject, terminal);
    const { message } = error;
    const perhaps = granter.writer.state.erased === 0 ? '' : `; ${PERHAPS_ERASED}`;
    throw new MedsealError(error.code, `${message}${perhaps}`, error.place, { cause: error });
  });
  const names = found.datasets.map(({ name, id }) => name ?? id);
  return { statements, records: recordsOf(statements), datasets: names, shared, missed, unsearched };
}

function recordsOf(statements: readonly EraseStatement[]): number {
  return statements.reduce((total, { entries }) => total + entries.length, 0);
}
