import { fromHex, isHex, toHex, utf8 } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import type { Entry } from '../format/entry.js';
import { decodeEntry, encodeEntry } from '../format/exchange.js';
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
import { approvalsOf, isMet, isNamed, rulesFor } from '../verify/state/approvals.js';
import { isApproved } from '../verify/state/authority.js';
import type { LedgerState } from '../verify/state.js';
import type { Granter } from './readers.js';
import { isStatement, type Said } from './say.js';

/**
 * What is to be put on a ledger in one block once enough people have approved it. It travels as a file from one approver
 * to the next; whoever may sign then submits it.
 */
export interface Proposal {
  /** The ledger's id, hex. */
  readonly ledger: string;
  /** What the block will say, and with a correction the record that it seals. */
  readonly said: readonly Said[];
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
  { writer: { state, ledgerId, identity }, random, now }: Granter,
  said: readonly Said[],
  until: Timestamp = defaultUntil(now),
): Proposal {
  const ledger = toHex(ledgerId);
  const proposed = said.map((each) =>
    !isStatement(each) || approvalsOf(each) !== undefined || each.kind === 'grant' || !needsApproval(state, each)
      ? each
      : ({ ...each, ...approvable(ledger, until, random) } as Statement),
  );
  const asked = proposed.filter(isStatement).filter((statement) => approvalsOf(statement) !== undefined);
  if (!asked.some((statement) => needsApproval(state, statement))) {
    const message = `no rule of the ledger asks for approvals of this${insteadOfProposing(state, identity, said)}`;
    throw new MedsealError('ARGUMENT_INVALID', message);
  }
  return { ledger, said: proposed };
}

/** Who says what needs no approvals. */
function insteadOfProposing(state: LedgerState, { publicKey }: Identity, said: readonly Said[]): string {
  if (state.authorityOf(publicKey) === 'yes') return ': it can be said at once';
  const alone = ', so it is said by the owner alone, or by a writer of what is theirs';
  const recovers = state.recovery.includes(publicKey) && said.some(({ kind }) => kind === 'grant');
  return recovers ? `${alone}. A recovery key grants what it holds once the ledger has been handed over to it` : alone;
}

function needsApproval({ data }: LedgerState, statement: Statement): boolean {
  return rulesFor(data, statement).length > 0;
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
  const said: Said[] = [];
  for (const statement of proposal.said) {
    const approvals = isStatement(statement) ? approvalsOf(statement) : undefined;
    if (approvals?.some(({ by }) => by === identity.publicKey)) {
      throw new MedsealError(
        'ARGUMENT_INVALID',
        'this key has approved the proposal already; one approval counts once',
      );
    }
    if (approvals === undefined) {
      said.push(statement);
      continue;
    }
    const signature = toHex(await identity.sign(approvalDigest(statement as RuledStatement)));
    said.push({ ...statement, approvals: [...approvals, { by: identity.publicKey, signature }] } as Statement);
  }
  return { ...proposal, said };
}

/** What is to be said, by the rules in force. */
export interface CountedProposal {
  readonly said: readonly Said[];
  /** Whose approvals count for nothing, since no rule for a statement that they have approved names them. */
  readonly foreign: readonly PublicKey[];
  /** Whether the others are enough, for each statement that needs approvals. */
  readonly isEnough: boolean;
}

/** A proposal without the approvals that count for nothing: a verifier would refuse the block for them. */
export function withCounted({ said }: Proposal, { data }: LedgerState): CountedProposal {
  const foreign = new Set<PublicKey>();
  let isEnough = true;
  const counted = said.map((each) => {
    const approvals = isStatement(each) ? approvalsOf(each) : undefined;
    if (!isStatement(each) || approvals === undefined) return each;
    const rules = rulesFor(data, each);
    const counting = approvals.filter(({ by }) => isNamed(rules, by));
    for (const approval of approvals) if (!counting.includes(approval)) foreign.add(approval.by);
    const by = new Set(counting.map((approval) => approval.by));
    isEnough &&= rules.length > 0 && rules.every((rule) => isMet(rule, by));
    return { ...each, approvals: counting } as Statement;
  });
  return { said: counted, foreign: [...foreign], isEnough };
}

/** What a proposal says, without the records that it seals. */
export function statementsOf({ said }: Proposal): Statement[] {
  return said.filter(isStatement);
}

/** What the block of a proposal holds, which tells who may sign it: approvers may, though they are no writers. */
export function contentOf(said: readonly Said[]): 'approved' | 'anything' {
  return said.every((each) => isStatement(each) && isApproved(each)) ? 'approved' : 'anything';
}

/** Who has approved a proposal. */
export function approversOf(proposal: Proposal): PublicKey[] {
  const approvers = new Set<PublicKey>();
  for (const statement of statementsOf(proposal)) for (const { by } of approvalsOf(statement) ?? []) approvers.add(by);
  return [...approvers];
}

/**
 * A proposal as a file holds it: canonical JSON and a line feed. Records stand among the statements as in the exchange form.
 * @throws {MedsealError} `ARGUMENT_INVALID` where it is too large
 */
export function encodeProposal({ ledger, said }: Proposal): Uint8Array {
  const statements = said.map((each) => (isStatement(each) ? each : JSON.parse(encodeEntry(each))) as JsonValue);
  const bytes = utf8(`${canonicalize({ medseal: 'proposal', version: VERSION, ledger, statements })}\n`);
  if (bytes.length <= MAX_PROPOSAL_BYTES) return bytes;
  throw new MedsealError('ARGUMENT_INVALID', 'what is proposed takes more than the 32 MiB that a proposal may have');
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
  const said = statements.map((each) => parsedSaid(each, invalid));
  for (const statement of said.filter(isStatement)) await expectGenuine(statement, ledger, invalid);
  return { ledger, said };
}

function parsedSaid(value: JsonValue, invalid: (why: string, cause?: unknown) => MedsealError): Said {
  if (isObject(value) && Object.hasOwn(value, 'kind')) return parsedStatement(value, invalid);
  let entry: Entry;
  try {
    entry = decodeEntry([utf8(canonicalize(value)), value]);
  } catch (cause) {
    throw invalid('a record is malformed', cause);
  }
  if (entry.kind === 'sealed' && entry.body !== null && entry.salt !== null) return entry;
  throw invalid('a record has no content');
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
