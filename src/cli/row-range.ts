import { MedsealError } from '../errors.js';

/** Rows as a person gives them: `5`, `5-20`, or `5-` for the fifth to the last. @throws {MedsealError} `USAGE` */
export function rowRange(text: string | undefined): { from: number; to: number } | undefined {
  if (text === undefined) return undefined;
  const [, first, dash, last] = /^(\d{1,15})(-)?(\d{1,15})?$/.exec(text) ?? [];
  const from = Number(first);
  const to = dash === undefined ? from : Number(last ?? Number.MAX_SAFE_INTEGER);
  if (first === undefined || from < 1 || to < from) {
    throw new MedsealError(
      'USAGE',
      '--rows takes row numbers counted from 1: 5, 5-20, or 5- for the fifth to the last',
    );
  }
  return { from, to };
}
