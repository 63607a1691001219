import { fromHex, isHex, toHex, utf8 } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { canonicalize, isObject, type JsonValue, parseCanonical } from '../format/json.js';
import { MAX_STATEMENT_DEPTH } from '../format/limits.js';
import {
  approvalDigest,
  encodeStatement,
  parseStatement,
  type RuledStatement,
  type Statement,
} from '../format/statement.js';
import { type Timestamp, timestampOf } from '../format/timestamp.js';
import { approvalsOf, rulesFor } from '../verify/state/approvals.js';
import type { Granter } from './readers.js';

/**
 * What is to be put on a ledger in one block once enough people have approved it. It travels as a file from one approver
 * to the next; whoever may sign then submits it.
 */
export interface Proposal {
  /** The ledger's id, hex. */
  readonly ledger: string;
  readonly statements: readonly Statement[];
}

const VERSION = 1;
/** A proposal of thousands of grants has a few megabytes. */
export const MAX_PROPOSAL_BYTES: number = 32 * 1024 * 1024;
const DEFAULT_DAYS = 30;

/**
 * Makes a proposal of statements: those that a rule of the ledger names get what an approval is bound to.
 * @param until the latest time at which it may be put on the ledger; by default in 30 days
 * @throws {MedsealError} `ARGUMENT_INVALID` where no rule asks for any approval
 */
export function propose(
  { writer: { state, ledgerId }, random, now }: Granter,
  statements: readonly Statement[],
  until: Timestamp = defaultUntil(now),
): Proposal {
  const ledger = toHex(ledgerId);
  const proposed = statements.map((statement) =>
    approvalsOf(statement) !== undefined || statement.kind === 'grant' || rulesFor(state.data, statement).length === 0
      ? statement
      : ({ ...statement, ...approvable(ledger, until, random) } as Statement),
  );
  if (proposed.every((statement) => approvalsOf(statement) === undefined)) {
    throw new MedsealError(
      'ARGUMENT_INVALID',
      'no rule of the ledger asks for approvals of this: it can be said at once',
    );
  }
  return { ledger, statements: proposed };
}

/** What a statement carries from the moment it is proposed. */
export function approvable(
  ledger: string,
  until: Timestamp,
  random: (length: number) => Uint8Array,
): { proposal: string; ledger: string; until: Timestamp; approvals: [] } {
  return { proposal: toHex(random(16)), ledger, until, approvals: [] };
}

/** Thirty days from now. */
export function defaultUntil(now: Timestamp): Timestamp {
  return timestampOf(new Date(Date.parse(now) + DEFAULT_DAYS * 86_400_000));
}

/**
 * Adds an approver's signatures: one for each statement that asks for approvals.
 * @throws {MedsealError} `ARGUMENT_INVALID` where this key has approved it already
 */
export async function approve(proposal: Proposal, identity: Identity): Promise<Proposal> {
  const statements: Statement[] = [];
  for (const statement of proposal.statements) {
    const approvals = approvalsOf(statement);
    if (approvals?.some(({ by }) => by === identity.publicKey)) {
      throw new MedsealError(
        'ARGUMENT_INVALID',
        'this key has approved the proposal already; one approval counts once',
      );
    }
    if (approvals === undefined) {
      statements.push(statement);
      continue;
    }
    const signature = toHex(await identity.sign(approvalDigest(statement as RuledStatement)));
    statements.push({ ...statement, approvals: [...approvals, { by: identity.publicKey, signature }] } as Statement);
  }
  return { ...proposal, statements };
}

/** Who has approved a proposal. */
export function approversOf({ statements }: Proposal): PublicKey[] {
  const approvers = new Set<PublicKey>();
  for (const statement of statements) for (const { by } of approvalsOf(statement) ?? []) approvers.add(by);
  return [...approvers];
}

/** A proposal as a file holds it: canonical JSON and a line feed. */
export function encodeProposal({ ledger, statements }: Proposal): Uint8Array {
  const value = { medseal: 'proposal', version: VERSION, ledger, statements: statements as unknown as JsonValue };
  return utf8(`${canonicalize(value as unknown as JsonValue)}\n`);
}

/**
 * A proposal from a file. The statements have their form, and the approvals that are there are genuine.
 * @throws {MedsealError} `PROPOSAL_INVALID`
 */
export async function decodeProposal(bytes: Uint8Array): Promise<Proposal> {
  const invalid = (why: string, cause?: unknown): MedsealError =>
    new MedsealError('PROPOSAL_INVALID', `this is no proposal, or it has been changed: ${why}`, {}, { cause });
  if (bytes.length > MAX_PROPOSAL_BYTES) throw invalid('it is too large');
  let value: JsonValue;
  try {
    value = parseCanonical(bytes.subarray(0, bytes.at(-1) === 0x0a ? -1 : undefined), MAX_STATEMENT_DEPTH + 2);
  } catch (cause) {
    throw invalid('it is not the canonical JSON that "medseal propose" writes', cause);
  }
  if (!isObject(value) || value.medseal !== 'proposal' || value.version !== VERSION)
    throw invalid('it does not say so');
  const { ledger, statements, ...more } = value;
  if (!isHex(ledger, 32) || !Array.isArray(statements) || Object.keys(more).length > 2)
    throw invalid('a member is wrong');
  const parsed = statements.map((statement) => parsedStatement(statement, invalid));
  for (const statement of parsed) await expectGenuine(statement, ledger, invalid);
  return { ledger, statements: parsed };
}

/** Before anybody has approved, a statement has an empty list, which is no form that a ledger knows. */
function parsedStatement(value: JsonValue, invalid: (why: string, cause?: unknown) => MedsealError): Statement {
  try {
    const empty = isObject(value) && Array.isArray(value.approvals) && value.approvals.length === 0;
    const placeholder = { by: GENERATOR, signature: '00'.repeat(64) };
    const shaped = empty ? { ...value, approvals: [placeholder] } : value;
    const statement = parseStatement(encodeStatement(shaped as unknown as Statement));
    return empty ? ({ ...statement, approvals: [] } as unknown as Statement) : statement;
  } catch (cause) {
    throw invalid(cause instanceof MedsealError ? cause.message : 'a statement is malformed', cause);
  }
}

/** The curve's base point: a public key that is well-formed, and nobody's. */
const GENERATOR = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';

async function expectGenuine(
  statement: Statement,
  ledger: string,
  invalid: (why: string) => MedsealError,
): Promise<void> {
  const approvals = approvalsOf(statement);
  if (approvals === undefined) return;
  const ruled = statement as RuledStatement;
  if (ruled.ledger !== ledger) throw invalid('a statement is for another ledger');
  const curve = await loadCurve();
  const digest = approvalDigest(ruled);
  for (const { by, signature } of approvals) {
    if (!curve.verify(by, digest, fromHex(signature, 64) ?? new Uint8Array(0)))
      throw invalid('an approval does not fit');
  }
}
