import type { DatasetInfo } from '../dataset/directory.js';
import { unsearchedOf } from '../dataset/lookup/subject.js';
import { count, printable, type Terminal } from './terminal.js';

/** Data sets that were not looked in, as programs are told of them. */
export interface UnsearchedJson {
  readonly notSearched: readonly { readonly id: string; readonly name: string | null }[];
  /** How many data sets the key does not open. */
  readonly notOpened: number;
}

/** Where nothing is found of a subject in a ledger in which something has been erased. */
export const PERHAPS_ERASED =
  'if all that there was of them has been erased, nothing can tell any more which records that were; "medseal audit --kind erase" lists all erasures, "medseal certificate" certifies one';

/** Says what is not looked through for a subject: who takes it for searched believes that a patient is gone. */
export function warnOfUnsearched(datasets: readonly DatasetInfo[], { warn }: Pick<Terminal, 'warn'>): UnsearchedJson {
  const { unnamed, closed } = unsearchedOf(datasets);
  for (const info of unnamed) {
    warn(
      `${nameOf(info)} names no subject: its rows were not looked through. "medseal find --scan" finds them by any column, "medseal erase --dataset … --rows …" erases them`,
    );
  }
  if (closed > 0) warn(closedText(closed));
  return { notSearched: unnamed.map(plain), notOpened: closed };
}

/** That there are data sets of which this key can tell nothing. */
export function closedText(closed: number): string {
  return `${count(closed, 'data set')} not opened by this key, and not looked through`;
}

export function nameOf({ name, id }: DatasetInfo): string {
  return `"${printable(name ?? id)}"`;
}

export function plain({ id, name }: DatasetInfo): { readonly id: string; readonly name: string | null } {
  return { id, name };
}
