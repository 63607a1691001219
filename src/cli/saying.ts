import type { GrantTerms } from '../access/grants.js';
import { approvable, contentOf, defaultUntil, encodeProposal, propose, statementsOf } from '../access/proposal.js';
import type { Granter } from '../access/readers.js';
import { keysOfReader, roleNamed } from '../access/roles.js';
import { granterOf, type Said, say } from '../access/say.js';
import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { isTimestamp, type Timestamp, timestampOf } from '../format/timestamp.js';
import { parsePublicKey } from '../keys/public-key.js';
import { type Ledger, openLedger } from '../ledger/ledger.js';
import { verifiedState } from '../ledger/verified-state.js';
import { isRuled } from '../verify/state/approvals.js';
import type { LedgerState } from '../verify/state.js';
import { type CompletedErasure, completing } from './completed.js';
import { type Context, DONE, type ExitCode } from './context.js';
import { expectOtherFile, writeFileWhole } from './files.js';
import { type KeyOptions, keyFileOf, rememberedHeads, requiredIdentity } from './key-option.js';
import { type PinOptions, pins } from './pins.js';
import { printable } from './terminal.js';

/** What every command takes that puts a statement on the ledger. */
export interface SayOptions extends KeyOptions, PinOptions {
  readonly acceptRollback?: boolean;
  /** Whether it is written into a proposal, to be approved, instead of onto the ledger. */
  readonly propose?: boolean;
  readonly output?: string;
  readonly until?: string;
}

/** A ledger that is being written to. */
export interface Opened {
  readonly ledger: Ledger;
  readonly identity: Identity;
  /** Erasures that were completed when it was opened. */
  readonly completed: readonly CompletedErasure[];
}

/** What is to be said, by what the ledger says so far. */
export type Compose = (granter: Granter, opened: Opened) => Promise<readonly Said[]>;

/** What has come of it, for people and for programs. */
export interface Told {
  readonly text: string;
  readonly json?: Readonly<Record<string, unknown>>;
}

/**
 * Opens the ledger, puts on it what is composed, and tells it with the number of its block.
 * @param proposed what programs are told of a proposal besides where it is
 */
export async function sayAndTell(
  path: string,
  options: SayOptions,
  context: Context,
  compose: Compose,
  told: (block: number, opened: Opened) => Told | Promise<Told>,
  proposed: () => Readonly<Record<string, unknown>> = () => ({}),
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    if (options.propose) return await writeProposal(ledger, identity, options, context, compose, proposed);
    const { acceptRollback = false } = options;
    const heads = rememberedHeads(options, identity, terminal);
    const { onCompleted, tell } = completing(ledger, terminal);
    const writing = { signal, acceptRollback, onCompleted, ...(await pins(options)), ...heads };
    let opened: Opened = { ledger, identity, completed: [] };
    const block = await say(ledger, identity, writing, async (granter) => {
      opened = { ...opened, completed: await tell() };
      return compose(granter, opened);
    });
    const { text, json } = await told(block ?? 0, opened);
    terminal.say(text);
    terminal.json({ file: path, block, ...json });
    return DONE;
  } finally {
    await ledger.close();
  }
}

async function writeProposal(
  ledger: Ledger,
  identity: Identity,
  { output = '', until, ...options }: SayOptions,
  { terminal }: Context,
  compose: Compose,
  proposed: () => Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  expectOtherFile(output, keyFileOf(options));
  const { ledgerId, state } = await verifiedState(ledger);
  const granter = granterOf(ledger, { identity, ledgerId, state });
  const said = await compose(granter, { ledger, identity, completed: [] });
  const proposal = propose(granter, said, until === undefined ? undefined : dateOf(until));
  await writeFileWhole(output, oneChunk(encodeProposal(proposal)), { mode: 0o644 });
  terminal.say(
    `Wrote the proposal to ${printable(output)}. "medseal approve" adds approvals to it, "medseal submit" puts it on the ledger.`,
  );
  if (state.authorityOf(identity.publicKey, contentOf(proposal.said)) !== 'yes') {
    // An approver may say what a rule is for; of grants beside it, which no rule is for, none.
    const isOwners = statementsOf(proposal).some(({ kind }) => !isRuled(state.rules, kind));
    const others = isOwners ? 'the owner' : 'the owner or an approver';
    terminal.note(`Not with this key: it is submitted by ${others}, or of their own data set by a writer.`);
  }
  terminal.json({ file: output, ledger: proposal.ledger, statements: statementsOf(proposal).length, ...proposed() });
  return DONE;
}

export async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A reader as a person gives one: a public key, or `role:NAME`. @throws {MedsealError} `USAGE`, `ROLE_UNKNOWN` */
export async function readerOf(text: string, state: LedgerState): Promise<PublicKey> {
  return text.startsWith('role:') ? roleNamed(state, text.slice('role:'.length)).publicKey : parsePublicKey(text);
}

/** All keys of a reader: of a role, also those that it had before. @throws {MedsealError} `USAGE`, `ROLE_UNKNOWN` */
export async function keysOf(text: string, state: LedgerState): Promise<PublicKey[]> {
  return keysOfReader(state, await readerOf(text, state));
}

/** A date as a person gives it: a day, to its end in UTC, or a time. @throws {MedsealError} `USAGE` */
export function dateOf(text: string): Timestamp {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59.999Z` : text;
  const full = time.replace(/:(\d\d)Z$/, ':$1.000Z');
  if (isTimestamp(full)) return full;
  throw new MedsealError('USAGE', 'a date is a day (2027-12-31) or a time in UTC (2027-12-31T12:00:00Z)');
}

/**
 * `--expires` and `--reason` as a grant has them; a reason is warned of, since nobody can take it back.
 * @throws {MedsealError} `USAGE` for a date that is no date or has passed: nobody would honour the grant for a moment
 */
export function termsOf(
  { expires, reason }: { expires?: string; reason?: string },
  { terminal }: Context,
): { expires?: Timestamp; reason?: string } {
  const until = expires === undefined ? undefined : dateOf(expires);
  if (until !== undefined && until < timestampOf(new Date())) {
    throw new MedsealError('USAGE', `--expires ${expires} has passed: such a grant would never be honoured`);
  }
  if (reason !== undefined) terminal.warn(REASON_IS_PUBLIC);
  return {
    ...(until === undefined ? {} : { expires: until }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** What grants carry that are proposed: the wrapped key is bound to it. */
export function proposedTerms(
  { writer: { ledgerId }, now, random }: Granter,
  { propose: proposing, until }: SayOptions,
): Pick<GrantTerms, 'proposed'> {
  if (!proposing) return {};
  const last = until === undefined ? defaultUntil(now) : dateOf(until);
  return { proposed: () => approvable(toHex(ledgerId), last, random) };
}

export const REASON_IS_PUBLIC =
  'the reason stands in the ledger in clear text, for everybody who has a copy, for ever: it should name no patient';
