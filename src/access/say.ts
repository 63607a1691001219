import type { Identity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import type { Entry, SealedEntry } from '../format/entry.js';
import type { Statement } from '../format/statement.js';
import { timestampOf } from '../format/timestamp.js';
import type { Ledger, WriteOptions } from '../ledger/ledger.js';
import { type LedgerWriter, statementEntry } from '../ledger/writer.js';
import { approvalsOf, rulesFor } from '../verify/state/approvals.js';
import { createKeyring, storedGrants } from './keyring.js';
import type { Granter, Speaker } from './readers.js';

const HOW_TO_PROPOSE = '"medseal propose" makes a proposal to be approved';
export const HOW_TO_APPROVE = '"medseal approve" adds an approval to the proposal';

/** What a block is made of: statements, and records that belong to them. */
export type Said = Statement | SealedEntry;

/**
 * Puts statements on a ledger, in one block, and makes it durable; what they erase is destroyed then.
 * @param compose what is to be said, by what the ledger says so far; for nothing, nothing is written
 * @returns the number of the block, null where nothing was said
 * @throws {MedsealError} what `Ledger.write` and `compose` throw; `APPROVALS_MISSING`; a `ProblemCode` where a verifier
 *   would refuse it
 */
export async function say(
  ledger: Ledger,
  identity: Identity,
  options: WriteOptions,
  compose: (granter: Granter) => Promise<readonly Said[]> | readonly Said[],
): Promise<number | null> {
  const writer = await ledger.write(identity, options);
  try {
    const said = await compose(granterOf(ledger, writer));
    if (said.length === 0) return null;
    expectApproved(writer, said.filter(isStatement));
    await append(writer, said, options);
    await writer.destroyErased(options.signal);
    return writer.newest;
  } finally {
    await writer.close();
  }
}

/** Which grants need approvals, only the verifier tells: by what else is in the block. */
async function append(writer: LedgerWriter, said: readonly Said[], options: WriteOptions): Promise<void> {
  try {
    await writer.append(said.map(entryOf), options);
  } catch (error) {
    if (!(error instanceof MedsealError) || error.code !== 'APPROVALS_MISSING') throw error;
    const isProposed = said.some((each) => isStatement(each) && approvalsOf(each) !== undefined);
    throw new MedsealError(
      error.code,
      `${error.message}; ${isProposed ? HOW_TO_APPROVE : HOW_TO_PROPOSE}`,
      error.place,
      { cause: error },
    );
  }
}

/** Whether what is said is a statement: no kind of statement is called "sealed". */
export function isStatement(said: Said): said is Statement {
  return said.kind !== 'sealed';
}

function entryOf(said: Said): Entry {
  return isStatement(said) ? statementEntry(said) : said;
}

/** What a speaker grants with, in a ledger that has been verified: blocks lie where their numbers say. */
export function granterOf(ledger: Ledger, writer: Speaker): Granter {
  const { ledgerId, state, identity } = writer;
  const now = timestampOf(ledger.clock());
  const keyring = createKeyring(ledgerId, state, storedGrants(ledger), identity, now);
  return { writer, keyring, random: ledger.random, now };
}

/** @throws {MedsealError} `APPROVALS_MISSING` */
function expectApproved({ state }: Speaker, statements: readonly Statement[]): void {
  for (const statement of statements) {
    // Grants that the block itself demands need none; the verifier tells them apart.
    if (statement.kind === 'grant' || approvalsOf(statement) !== undefined) continue;
    const [rule] = rulesFor(state.data, statement);
    if (rule === undefined) continue;
    const { threshold, from } = rule;
    const message = `a rule of the ledger demands ${threshold} of ${from.length} approvals for "${statement.kind}"; ${HOW_TO_PROPOSE}`;
    throw new MedsealError('APPROVALS_MISSING', message);
  }
}
