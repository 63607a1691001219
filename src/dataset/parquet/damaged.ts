import { MedsealError } from '../../errors.js';

/** A Parquet file that is not what it should be. @param what a clause, without a value of the file */
export function damaged(what: string): MedsealError {
  return new MedsealError('PARQUET_INVALID', `the Parquet file is damaged: ${what}`);
}

/** A Parquet file that is good, and holds what cannot be sealed. */
export function unsupported(what: string): MedsealError {
  return new MedsealError('PARQUET_UNSUPPORTED', what);
}
