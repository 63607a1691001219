import type { Statement } from '../format/statement.js';
import type { TrailStatement } from './trail.js';

/**
 * What AuditEvents name the code system of the statements by. A UUID, since nobody else can come to own it: the project has
 * no web domain, and `urn:medseal` is no registered namespace. It never changes; codes are added, never given another meaning.
 */
const STATEMENTS = 'urn:uuid:aad44370-ec02-492c-87d6-46a02d3ca447';

type Code = Exclude<Statement['kind'], `info-${string}`> | TrailStatement['kind'];

/** Every kind of statement, and `sealed`, which no statement says: what it is called, and what it means. */
const CODES: Readonly<Record<Code, readonly [display: string, definition: string]>> = {
  access: ['Access', 'A reader says that rows of a data set were opened or refused, when, and for what purpose.'],
  amend: ['Amend', 'A row of a data set has a newer version, which is sealed in another row.'],
  audit: ['Audit', 'From here on, readers record what they open, or need not any more.'],
  dataset: ['Data set', 'A data set begins, with the keys of its column groups.'],
  'dataset-end': ['Data set end', 'A data set is complete as it was sealed.'],
  'dataset-keys': ['Data set keys', 'The column groups of a data set have new keys for what is sealed from here on.'],
  erase: ['Erase', 'Records are erased, for a reason and on a legal basis.'],
  grant: ['Grant', 'A reader or a role is given the key of a column group, or a reader that of a role.'],
  ledger: ['Ledger', 'A ledger begins, with its owner.'],
  'log-key': ['Log key', 'The key that signs the checkpoints of the ledger.'],
  owner: ['Owner', 'The ledger has another owner.'],
  recovery: ['Recovery', 'The keys that may recover the ledger if its owner cannot sign any more.'],
  revoke: ['Revoke', 'A reader or a role is no longer given a key.'],
  role: ['Role', 'A role has a key pair, its first or a new one.'],
  rules: ['Rules', 'How many of which people must approve statements of which kinds.'],
  sealed: ['Sealed', 'Rows of a data set were sealed in a block of the ledger.'],
  writer: ['Writer', 'A key may sign blocks of the ledger beside the owner.'],
  'writer-removed': ['Writer removed', 'A key may no longer sign blocks of the ledger.'],
};

/** The code of a statement of a kind. */
export function codingOf(kind: Code): { system: string; code: string; display: string } {
  return { system: STATEMENTS, code: kind, display: CODES[kind][0] };
}

/** The kinds of statements as a FHIR R4 CodeSystem resource. */
export function statementCodeSystem(): object {
  const concept = Object.entries(CODES).map(([code, [display, definition]]) => ({ code, display, definition }));
  return {
    resourceType: 'CodeSystem',
    id: 'medseal-statement',
    url: STATEMENTS,
    version: '1',
    name: 'MedsealStatement',
    title: 'Statements of a Medseal ledger',
    status: 'active',
    experimental: false,
    date: '2026-12-01',
    publisher: 'Medseal',
    description:
      'What the statements of a Medseal ledger say, in format 1. Medseal writes these codes in AuditEvent.subtype. Statements whose kind begins with "info-" are in no AuditEvent and have no code.',
    caseSensitive: true,
    content: 'complete',
    count: concept.length,
    concept,
  };
}
