import type { Granter } from '../access/readers.js';
import { roleNamed } from '../access/roles.js';
import { say } from '../access/say.js';
import type { Identity } from '../crypto/identity.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import type { Statement } from '../format/statement.js';
import { isTimestamp, type Timestamp } from '../format/timestamp.js';
import { parsePublicKey } from '../keys/public-key.js';
import { type Ledger, openLedger } from '../ledger/ledger.js';
import type { LedgerState } from '../verify/state.js';
import { type Context, DONE, type ExitCode } from './context.js';
import { type KeyOptions, rememberedHeads, requiredIdentity } from './key-option.js';
import { type PinOptions, pins } from './pins.js';

/** What every command takes that puts a statement on the ledger. */
export interface SayOptions extends KeyOptions, PinOptions {
  readonly acceptRollback?: boolean;
}

/** What has come of it, for people and for programs. */
export interface Told {
  readonly text: string;
  readonly json?: Readonly<Record<string, unknown>>;
}

/** Opens the ledger, puts on it what is composed, and tells it with the number of its block. */
export async function sayAndTell(
  path: string,
  options: SayOptions,
  { terminal, signal }: Context,
  compose: (granter: Granter, opened: { ledger: Ledger; identity: Identity }) => Promise<readonly Statement[]>,
  told: (block: number) => Told,
): Promise<ExitCode> {
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const { acceptRollback = false } = options;
    const heads = rememberedHeads(options, identity, terminal);
    const writing = { signal, acceptRollback, ...(await pins(options)), ...heads };
    const block = await say(ledger, identity, writing, (granter) => compose(granter, { ledger, identity }));
    const { text, json } = told(block ?? 0);
    terminal.say(text);
    terminal.json({ file: path, block, ...json });
    return DONE;
  } finally {
    await ledger.close();
  }
}

/** A reader as a person gives one: a public key, or `role:NAME`. @throws {MedsealError} `USAGE`, `ROLE_UNKNOWN` */
export async function readerOf(text: string, state: LedgerState): Promise<PublicKey> {
  return text.startsWith('role:') ? roleNamed(state, text.slice('role:'.length)).publicKey : parsePublicKey(text);
}

/** All keys of a reader: of a role, also those that it had before. @throws {MedsealError} `USAGE`, `ROLE_UNKNOWN` */
export async function keysOf(text: string, state: LedgerState): Promise<PublicKey[]> {
  const current = await readerOf(text, state);
  const role = state.keys.get(current);
  if (role?.kind !== 'role') return [current];
  return [...state.keys].flatMap(([name, key]) =>
    key.kind === 'role' && key.role === role.role ? [name as PublicKey] : [],
  );
}

/** A date as a person gives it: a day, to its end in UTC, or a time. @throws {MedsealError} `USAGE` */
export function dateOf(text: string): Timestamp {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59.999Z` : text;
  const full = time.replace(/:(\d\d)Z$/, ':$1.000Z');
  if (isTimestamp(full)) return full;
  throw new MedsealError('USAGE', 'a date is a day (2027-12-31) or a time in UTC (2027-12-31T12:00:00Z)');
}

/** `--expires` and `--reason` as a grant has them; a reason is warned of, since nobody can take it back. */
export function termsOf(
  { expires, reason }: { expires?: string; reason?: string },
  { terminal }: Context,
): { expires?: Timestamp; reason?: string } {
  if (reason !== undefined) terminal.warn(REASON_IS_PUBLIC);
  return {
    ...(expires === undefined ? {} : { expires: dateOf(expires) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

export const REASON_IS_PUBLIC =
  'the reason stands in the ledger in clear text, for everybody who has a copy, for ever: it should name no patient';
