/**
 * What a verifier can find wrong. A code names one rule of `spec/`; it never changes its meaning.
 * `spec/verification.md` lists them with the rule that each one stands for.
 */
export type ProblemCode =
  // one block by itself
  | 'MALFORMED'
  | 'TOO_LARGE'
  | 'VERSION_NEWER'
  | 'SIGNATURE_INVALID'
  | 'WORK_INSUFFICIENT'
  | 'DATA_MISMATCH'
  | 'BODY_MISMATCH'
  | 'BODY_MISSING'
  | 'SALT_MISMATCH'
  | 'SALT_MISSING'
  // a block among the others
  | 'BLOCK_MISSING'
  | 'BLOCK_REPEATED'
  | 'BLOCK_MISPLACED'
  | 'LINK_BROKEN'
  | 'HISTORY_MISMATCH'
  | 'TIME_BACKWARDS'
  | 'TIME_AHEAD'
  | 'DIFFICULTY_TOO_LOW'
  | 'SIGNER_UNAUTHORISED'
  // what it says
  | 'GENESIS_INVALID'
  | 'STATEMENT_INVALID'
  | 'STATEMENT_UNKNOWN'
  | 'STATEMENT_UNAUTHORISED'
  | 'PUBLIC_KEY_INVALID'
  | 'WRITER_INVALID'
  | 'ID_REPEATED'
  | 'DATASET_UNKNOWN'
  | 'KEY_UNKNOWN'
  | 'GRANT_MISSING'
  | 'ROW_UNEXPECTED'
  | 'ROW_INCOMPLETE'
  | 'ROWS_WRONG'
  | 'KEYS_WRONG'
  | 'KEY_CLOSED'
  | 'REVOKE_INVALID'
  | 'ROTATION_MISSING'
  | 'AMEND_INVALID'
  | 'ERASE_INVALID'
  | 'ACCESS_INVALID'
  | 'APPROVALS_MISSING'
  | 'APPROVAL_INVALID'
  // what the caller pinned
  | 'OWNER_MISMATCH'
  | 'LEDGER_MISMATCH'
  // against an earlier state that the caller has a checkpoint of
  | 'LEDGER_ROLLED_BACK'
  | 'LEDGER_REWRITTEN'
  | 'CHECKPOINT_UNSIGNED';

/** What can be wrong with a record proof: `spec/proofs.md` lists them with their rules. */
export type ProofCode =
  | Extract<
      ProblemCode,
      | 'MALFORMED'
      | 'TOO_LARGE'
      | 'VERSION_NEWER'
      | 'SIGNATURE_INVALID'
      | 'WORK_INSUFFICIENT'
      | 'DATA_MISMATCH'
      | 'HISTORY_MISMATCH'
      | 'TIME_BACKWARDS'
      | 'SALT_MISMATCH'
      | 'BODY_MISMATCH'
      | 'OWNER_MISMATCH'
      | 'LEDGER_MISMATCH'
      | 'LEDGER_REWRITTEN'
      | 'CHECKPOINT_UNSIGNED'
    >
  | 'CHECKPOINT_INVALID'
  | 'CHECKPOINT_DIFFERS'
  | 'KEY_MISMATCH';

/** Wrong use or bad input: nothing has been changed. */
export type InputCode =
  | 'USAGE'
  | 'ARGUMENT_INVALID'
  | 'FILE_UNREADABLE'
  | 'FILE_EXISTS'
  | 'OUTPUT_INVALID'
  | 'NOT_A_LEDGER'
  | 'NOT_A_CHAIN'
  | 'STORE_VERSION'
  | 'LEDGER_INVALID'
  | 'CHECKPOINT_INVALID'
  | 'ANCHOR_MISSING'
  | 'ROW_NOT_FOUND'
  | 'OWNER_UNKNOWN'
  | 'STATE_INVALID'
  | 'STATE_VERSION'
  | 'KEY_FILE_INVALID'
  | 'KEY_FILE_EXPOSED'
  | 'PASSPHRASE_REQUIRED'
  | 'PASSPHRASE_WRONG'
  | 'MODULE_UNAVAILABLE'
  | 'TOKEN_NOT_FOUND'
  | 'KEY_NOT_FOUND'
  | 'KEY_EXISTS'
  | 'PIN_WRONG'
  | 'NOT_TEXT'
  | 'COMPRESSION_INVALID'
  | 'COMPRESSION_UNAVAILABLE'
  | 'CSV_EMPTY'
  | 'CSV_FIELDS'
  | 'CSV_QUOTE_UNCLOSED'
  | 'NDJSON_INVALID'
  | 'FHIR_INVALID'
  | 'DELIMITER_INVALID'
  | 'PARQUET_INVALID'
  | 'PARQUET_UNSUPPORTED'
  | 'SQL_INVALID'
  | 'RECORD_TOO_LARGE'
  | 'DATASET_NAME_INVALID'
  | 'DATASET_EXISTS'
  | 'DATASET_NOT_FOUND'
  | 'DATASET_INCOMPLETE'
  | 'DATASET_AMBIGUOUS'
  | 'COLUMN_UNKNOWN'
  | 'COLUMNS_DIFFER'
  | 'TYPE_MISMATCH'
  | 'GROUP_INVALID'
  | 'GROUP_UNKNOWN'
  | 'NOT_GRANTED'
  | 'ROLE_UNKNOWN'
  | 'ROLE_EXISTS'
  | 'GRANT_UNKNOWN'
  | 'GRANT_EXISTS'
  | 'PROPOSAL_INVALID'
  | 'PURPOSE_REQUIRED';

/** Something failed on the way; what had been acknowledged is kept. */
export type FailureCode =
  | 'LOCKED'
  | 'CLOCK_BEHIND'
  | 'STORE_FAILED'
  | 'TOKEN_FAILED'
  | 'FILE_CHANGED'
  | 'STREAM_BROKEN'
  | 'THREAD_FAILED'
  | 'PROCESS_FAILED'
  | 'OUTPUT_FAILED'
  | 'SQL_FAILED'
  | 'MEMORY_EXCEEDED'
  | 'ABORTED'
  | 'CANNOT_OPEN';

export type ErrorCode = ProblemCode | ProofCode | InputCode | FailureCode;

/** Where an error lies; every part is optional, and none is ever a record's content or a key. */
export interface ErrorPlace {
  file?: string;
  line?: number;
  block?: number;
  entry?: number;
  row?: number;
}

/**
 * The only error that Medseal throws on purpose. `code` is stable and for programs; the message is for people and
 * says what is wrong, where, and what to do.
 */
export class MedsealError extends Error {
  readonly code: ErrorCode;
  readonly place: ErrorPlace;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MedsealError';
    this.code = code;
    this.place = place;
  }
}

/** The same error, with the file named in which it lies. */
export function withFile(error: MedsealError, file: string): MedsealError {
  return new MedsealError(error.code, `${file}: ${error.message}`, { ...error.place, file }, { cause: error });
}

const FAILURES: ReadonlySet<string> = new Set<FailureCode>([
  'LOCKED',
  'CLOCK_BEHIND',
  'STORE_FAILED',
  'TOKEN_FAILED',
  'FILE_CHANGED',
  'STREAM_BROKEN',
  'THREAD_FAILED',
  'PROCESS_FAILED',
  'OUTPUT_FAILED',
  'SQL_FAILED',
  'MEMORY_EXCEEDED',
  'ABORTED',
  'CANNOT_OPEN',
]);

/** Whether the error came on the way (true) or the input was refused before anything was changed (false). */
export function isFailure(error: MedsealError): boolean {
  return FAILURES.has(error.code);
}

/**
 * Throws `ABORTED` where the signal is aborted.
 * @throws {MedsealError} `ABORTED`
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new MedsealError('ABORTED', 'interrupted');
}

/**
 * What the promise gives, or `ABORTED` as soon as the signal says so; the promise itself goes on.
 * @throws {MedsealError} `ABORTED`; what the promise throws
 */
export function untilAborted<T>(running: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return running;
  return new Promise((resolve, reject) => {
    const stopWaiting = whenAborted(signal, () => reject(new MedsealError('ABORTED', 'interrupted')));
    running.then(resolve, reject).finally(stopWaiting);
  });
}

/** Who waits for a signal: one listener for all, since Node.js takes more than ten for a leak and says so. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** @returns what ends the waiting */
function whenAborted(signal: AbortSignal, abort: () => void): () => void {
  const known = waiting.get(signal);
  const all = known ?? new Set();
  all.add(abort);
  if (known === undefined) {
    waiting.set(signal, all);
    signal.addEventListener('abort', () => all.forEach((each) => void each()), { once: true });
  }
  return () => void all.delete(abort);
}
