import type { DatasetInfo } from '../dataset/directory.js';
import { PATIENT, RESOURCE } from '../dataset/fhir/values.js';
import { isFhir } from '../dataset/media-types.js';
import { printable, type Terminal } from './terminal.js';

/**
 * Says what may have been meant by a value by which nothing is found: FHIR resources, patients among them, are named by
 * type and id. What has a slash, or is a URN or an identifier (`SYSTEM|VALUE`), is a name already.
 */
export function hintAtFhir(
  infos: readonly Pick<DatasetInfo, 'manifest'>[],
  column: string,
  value: string,
  { note }: Pick<Terminal, 'note'>,
): void {
  const isName = /[/:|]/.test(value) || (column !== PATIENT && column !== RESOURCE);
  if (isName || !infos.some(({ manifest }) => manifest !== null && isFhir(manifest.media_type))) return;
  note(`FHIR resources are named by type and id: perhaps "Patient/${printable(value)}" is meant.`);
}

/** The same of a subject, which in FHIR data sets is a patient. */
export function hintAtPatient(infos: readonly DatasetInfo[], subject: string, terminal: Pick<Terminal, 'note'>): void {
  hintAtFhir(infos, PATIENT, subject, terminal);
}
