// Statements that nobody may say, and approvals that do not count, made to be forced in behind the blocks of an export.

import { hex } from '../oracle/bytes.js';
import { isObject, type JsonObject } from '../oracle/jcs.js';
import { approved } from '../oracle/say.js';
import { APPROVERS, PEOPLE } from './access-world.js';
import { owner, type Person, seeded, stranger } from './people.js';
import { hashesOf, parse } from './tampering.js';

export interface Forgery {
  readonly what: string;
  readonly data: JsonObject[];
  readonly by: Person;
  /** How it is found. */
  readonly code: string;
}

const WHY = { reason: 'asked for', basis: 'GDPR Art. 17' };
const LATER = { until: '2999-01-01T00:00:00.000Z' };
const [first, second] = APPROVERS as [Person, Person];
const reader = PEOPLE.ann!;

/** What the blocks of an export say, as far as forgers need it. */
interface Said {
  readonly ledger: Uint8Array<ArrayBuffer>;
  readonly statements: JsonObject[];
  /** Where a record lies. */
  readonly record: JsonObject;
}

function saidIn(lines: readonly string[]): Said {
  const blocks = lines.map((line) => parse(line).data.filter(isObject));
  const at = blocks.findIndex((data) => data.some(({ kind }) => kind === undefined));
  const entry = blocks[at]?.findIndex(({ kind }) => kind === undefined) ?? 0;
  return {
    ledger: hashesOf(lines.slice(0, 1))[0]!,
    statements: blocks.flat().filter(({ kind }) => kind !== undefined),
    record: { kind: 'erase', entries: [[at + 1, entry]], ...WHY },
  };
}

function proposed({ ledger }: Said, statement: JsonObject, by: readonly Person[], change: JsonObject = {}): JsonObject {
  const context = { ledger, dataSets: [], random: seeded(`forged ${JSON.stringify(change)}`) };
  const keys = by.map(({ privateKey }) => privateKey);
  return approved(statement, keys, { ...LATER, ...change })(context)[0] as JsonObject;
}

/** An erasure that enough people have approved, signed by one of them: it is taken. */
export function approvedErasure(lines: readonly string[]): Omit<Forgery, 'code'> {
  const said = saidIn(lines);
  return { what: 'approved', data: [proposed(said, said.record, [first, second])], by: first };
}

/** For a ledger in which erasures need two approvals. */
export function forgedApprovals(lines: readonly string[]): Forgery[] {
  const said = saidIn(lines);
  const erasure = said.record;
  const good = proposed(said, erasure, [first, second]);
  const other = proposed(said, { ...erasure, reason: 'another' }, [first, second], { proposal: '0f'.repeat(16) });
  const used = said.statements.findLast(({ kind }) => kind === 'erase');
  const forged = (what: string, statement: JsonObject, code: string, by = owner): Forgery => {
    return { what, data: [statement], by, code };
  };
  const doubled = { ...good, approvals: [0, 0].map((at) => (good.approvals as JsonObject[])[at]!) };
  return [
    forged('none', erasure, 'APPROVALS_MISSING'),
    forged('one', proposed(said, erasure, [first]), 'APPROVALS_MISSING'),
    forged('one twice', doubled, 'APPROVAL_INVALID'),
    forged('by somebody else', proposed(said, erasure, [first, second, reader]), 'APPROVAL_INVALID'),
    forged('of a statement that was changed', { ...good, reason: 'something else' }, 'APPROVAL_INVALID'),
    forged('of another statement', { ...good, approvals: other.approvals! }, 'APPROVAL_INVALID'),
    forged(
      'for another ledger',
      proposed(said, erasure, [first, second], { ledger: hex(said.ledger.toReversed()) }),
      'APPROVAL_INVALID',
    ),
    forged(
      'that have expired',
      proposed(said, erasure, [first, second], { until: '2020-01-01T00:00:00.000Z' }),
      'APPROVAL_INVALID',
    ),
    forged('for no rule', proposed(said, { kind: 'audit', on: true }, [first]), 'APPROVAL_INVALID'),
    forged('of a stranger’s block', good, 'SIGNER_UNAUTHORISED', stranger),
    forged('of nothing, by an approver', { kind: 'audit', on: true }, 'SIGNER_UNAUTHORISED', first),
    forged('for the rule itself', { kind: 'rules', rules: {} }, 'APPROVALS_MISSING'),
    ...(used === undefined ? [] : [forged('used before', used, 'ID_REPEATED')]),
  ];
}

/** For any ledger. @param ruled whether erasures need approvals, so that one without fails for that */
export function forgedStatements(lines: readonly string[], ruled: boolean): Forgery[] {
  const { statements, record } = saidIn(lines);
  const grant = statements.findLast(({ kind, key_id }) => kind === 'grant' && key_id !== undefined)!;
  const dataset = statements.find(({ kind }) => kind === 'dataset')!;
  const forbidden = (by: Person): JsonObject[] => [
    { ...grant, to: stranger.publicKey },
    { kind: 'revoke', key_id: grant.key_id!, from: reader.publicKey, reason: 'x' },
    { kind: 'role', name: 'thief', public_key: stranger.publicKey },
    { kind: 'writer', public_key: by.publicKey },
    { kind: 'owner', public_key: by.publicKey },
    { kind: 'rules', rules: {} },
    { kind: 'audit', on: true },
    { kind: 'dataset-keys', id: dataset.id!, keys: ['0a'.repeat(16), '0b'.repeat(16)] },
    record,
  ];
  const unauthorised = [stranger, reader].flatMap((by) =>
    forbidden(by).map((said): Forgery => ({ what: `${said.kind}`, data: [said], by, code: 'SIGNER_UNAUTHORISED' })),
  );
  const byOwner = (statement: JsonObject, code: string): Forgery => {
    return { what: `${statement.kind} of the owner`, data: [statement], by: owner, code };
  };
  return [
    ...unauthorised,
    byOwner({ kind: 'revoke', key_id: grant.key_id!, from: stranger.publicKey, reason: 'x' }, 'REVOKE_INVALID'),
    byOwner({ kind: 'revoke', key_id: grant.key_id!, from: owner.publicKey, reason: 'x' }, 'REVOKE_INVALID'),
    byOwner({ kind: 'role', name: 'nurse', public_key: stranger.publicKey }, 'GRANT_MISSING'),
    byOwner({ kind: 'dataset-keys', id: dataset.id!, keys: ['0a'.repeat(16), '0b'.repeat(16)] }, 'GRANT_MISSING'),
    byOwner({ ...grant, key_id: '0c'.repeat(16) }, 'KEY_UNKNOWN'),
    byOwner({ kind: 'erase', entries: [[1, 0]], ...WHY }, ruled ? 'APPROVALS_MISSING' : 'ERASE_INVALID'),
  ];
}
