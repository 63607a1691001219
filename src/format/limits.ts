/** The bounds of format 1 (spec/ledger.md, "Limits"); readers enforce them while they read. */
export const MAX_ENTRIES: number = 65_535;
export const MAX_BODY_BYTES: number = 32 * 1024 * 1024;
/** Entries, bodies and salts of one block together. */
export const MAX_BLOCK_BYTES: number = 64 * 1024 * 1024;
export const MAX_STATEMENT_BYTES: number = 1024 * 1024;
export const MAX_STATEMENT_DEPTH: number = 8;
export const MAX_TEXT_CHARACTERS: number = 200;
/** Keys that a rule names, and approvals that a statement carries. */
export const MAX_RULE_KEYS: number = 64;
/** More values than this do not fit into the JSON of a statement: a bound on what parsing foreign JSON can cost. */
export const MAX_JSON_VALUES: number = MAX_STATEMENT_BYTES;

/** A writer closes a block at this size, so that no reader needs to hold much more. */
export const WRITER_BLOCK_BYTES: number = 16 * 1024 * 1024;

/** The largest content whose padded body (Padmé, with its mark and tag) stays within `MAX_BODY_BYTES`. */
export const MAX_CONTENT_BYTES: number = MAX_BODY_BYTES - 1024 * 1024;

/** An exchange line of the largest block: base64 takes a third more, and stub entries are short. */
export const MAX_LINE_BYTES: number = 2 * MAX_BLOCK_BYTES;
/** So many items in a row that are no sound blocks end a verification. */
export const MAX_UNSOUND: number = 100_000;
