import type { About, NamedRows } from './about.js';
import { codingOf } from './fhir-codes.js';
import { runsText } from './row-runs.js';
import type { TrailEvent, TrailStatement } from './trail.js';

/*
 * The trail as FHIR R4 AuditEvents (hl7.org/fhir/R4/auditevent.html). What happened is coded as far as HL7 and DICOM have
 * codes for it: the record lifecycle of ISO 21089, and the security events of DICOM's audit messages (PS3.15).
 */

interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

const LIFECYCLE = 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle';
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const PURPOSE = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

const PUBLIC_KEY = 'urn:medseal:public-key';
const LEDGER = 'urn:medseal:ledger';
const DATASET = 'urn:medseal:dataset';
const KEY = 'urn:medseal:key';

const lifecycle = (code: string, display: string): Coding => ({ system: LIFECYCLE, code, display });
const dicom = (code: string, display: string): Coding => ({ system: DICOM, code, display });
/** FHIR's value sets have DICOM's events in `type`; what kind of security alert one is stands in `subtype`. */
const alert = (code: string, display: string): readonly [Coding, Coding] => [
  dicom('110113', 'Security Alert'),
  dicom(code, display),
];
const ROLES_CHANGED = alert('110136', 'Security Roles Changed');
const ATTRIBUTES_CHANGED = alert('110137', 'User security Attributes Changed');
const CONFIGURATION = alert('110129', 'Security Configuration');
const AUDIT_STARTED = alert('110134', 'Audit Recording Started');
const AUDIT_STOPPED = alert('110133', 'Audit Recording Stopped');

/** What kind of event a statement is, and whether it creates, reads, updates, deletes or executes something. */
const TYPES: Readonly<
  Record<TrailStatement['kind'], readonly [readonly [type: Coding, subtype?: Coding], 'C' | 'R' | 'U' | 'D' | 'E']>
> = {
  access: [[lifecycle('access', 'Access/View Record Lifecycle Event')], 'R'],
  sealed: [[lifecycle('originate', 'Originate/Retain Record Lifecycle Event')], 'C'],
  dataset: [[lifecycle('originate', 'Originate/Retain Record Lifecycle Event')], 'C'],
  amend: [[lifecycle('amend', 'Amend (Update) Record Lifecycle Event')], 'U'],
  erase: [[lifecycle('destroy', 'Destroy/Delete Record Lifecycle Event')], 'D'],
  grant: [ATTRIBUTES_CHANGED, 'C'],
  revoke: [ATTRIBUTES_CHANGED, 'D'],
  role: [ROLES_CHANGED, 'U'],
  writer: [ROLES_CHANGED, 'C'],
  'writer-removed': [ROLES_CHANGED, 'D'],
  owner: [ROLES_CHANGED, 'U'],
  recovery: [ROLES_CHANGED, 'U'],
  'dataset-keys': [CONFIGURATION, 'U'],
  rules: [CONFIGURATION, 'U'],
  'log-key': [CONFIGURATION, 'U'],
  audit: [AUDIT_STARTED, 'E'],
};
/** The kinds of events that a trail can have. */
export const TRAIL_KINDS: readonly string[] = Object.keys(TYPES).sort();

/**
 * An event as a FHIR R4 AuditEvent resource.
 * @param about what the verified ledger says elsewhere of what the statement names
 * @param ledger the ledger's id, hex
 */
export function toAuditEvent(event: TrailEvent, about: About, ledger: string): object {
  const { block, entry, time, by, approvedBy, statement } = event;
  const [coded, action] = TYPES[statement.kind];
  const [type, ...subtype] = statement.kind === 'audit' && !statement.on ? AUDIT_STOPPED : coded;
  return {
    resourceType: 'AuditEvent',
    id: `${ledger.slice(0, 16)}-${block}-${entry}`,
    type,
    subtype: [...subtype, codingOf(statement.kind)],
    action,
    recorded: time,
    outcome: statement.kind === 'access' && statement.outcome === 'refused' ? '4' : '0',
    ...purposeOf(statement),
    agent: [agent(by, true), ...approvedBy.map((key) => agent(key, false))],
    source: { observer: { identifier: { system: LEDGER, value: ledger }, display: 'Medseal ledger' } },
    entity: entitiesOf(event, about, ledger),
  };
}

function purposeOf(statement: TrailStatement): object {
  if (statement.kind !== 'access') return {};
  return { purposeOfEvent: [{ coding: [{ system: PURPOSE, code: statement.purpose }] }] };
}

function agent(publicKey: string, requestor: boolean): object {
  return { who: { identifier: { system: PUBLIC_KEY, value: publicKey } }, requestor };
}

/** What the event is about: its place in the ledger, what the statement names, and the data sets that this concerns. */
function entitiesOf({ block, entry, statement }: TrailEvent, about: About, ledger: string): object[] {
  const place = { what: identified(LEDGER, ledger), name: `block ${block}, entry ${entry}` };
  return [{ ...place, ...detailed(detailsOf(statement)) }, ...namedBy(statement, about), ...datasetsOf(about)];
}

function namedBy(statement: TrailStatement, { role, readerRole }: About): object[] {
  switch (statement.kind) {
    case 'grant':
    case 'revoke':
      return [
        { what: identified(KEY, statement.key_id ?? statement.role_key ?? ''), ...called(role) },
        {
          what: identified(PUBLIC_KEY, statement.kind === 'grant' ? statement.to : statement.from),
          ...called(readerRole),
        },
      ];
    case 'role':
      return [{ what: identified(PUBLIC_KEY, statement.public_key), name: statement.name }];
    case 'owner':
    case 'writer':
    case 'writer-removed':
      return [{ what: identified(PUBLIC_KEY, statement.public_key) }];
    case 'recovery':
      return statement.public_keys.map((key) => ({ what: identified(PUBLIC_KEY, key) }));
    default:
      return [];
  }
}

function called(role: string | null): object {
  return role === null ? {} : { name: role };
}

function datasetsOf({ dataset, group, records }: About): object[] {
  if (records.length > 0) return records.map(erased);
  if (dataset === null) return [];
  return [{ what: identified(DATASET, dataset), ...detailed(group === null ? [] : [['group', String(group)]]) }];
}

function erased({ dataset, groups, rows }: NamedRows): object {
  const which: [string, string][] = groups === null ? [] : [['groups', groups.join(', ')]];
  return { what: identified(DATASET, dataset), ...detailed([...which, ['rows', runsText(rows)]]) };
}

function detailed(details: readonly (readonly [string, string])[]): object {
  return details.length === 0 ? {} : { detail: details.map(([type, valueString]) => ({ type, valueString })) };
}

function identified(system: string, value: string): object {
  return { identifier: { system, value } };
}

/** Everything else that the statement says, as texts. */
export function detailsOf(statement: TrailStatement): [name: string, value: string][] {
  switch (statement.kind) {
    case 'access':
    case 'sealed':
      return [['rows', runsText(statement.rows)]];
    case 'amend':
      return [
        ['row', String(statement.row)],
        ['newest version', String(statement.by)],
        ['reason', statement.reason],
      ];
    case 'erase':
      return [
        ['records', String(statement.entries.length)],
        ['reason', statement.reason],
        ['basis', statement.basis],
      ];
    case 'grant':
      return [
        ...(statement.expires === undefined ? [] : [['expires', statement.expires] as [string, string]]),
        ...(statement.reason === undefined ? [] : [['reason', statement.reason] as [string, string]]),
      ];
    case 'revoke':
      return [['reason', statement.reason]];
    case 'rules':
      return Object.entries(statement.rules).map(([kind, { threshold, from }]) => [
        `rule for ${kind}`,
        `${threshold} of ${from.join(', ')}`,
      ]);
    case 'recovery':
      return statement.public_keys.map((key) => ['recovery key', key]);
    case 'audit':
      return [['reading', statement.on ? 'is recorded' : 'is not recorded']];
    case 'log-key':
      return [['log key', statement.public_key]];
    default:
      return [];
  }
}
