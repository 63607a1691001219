// A hospital, its patients, a researcher, those who watch over it, and an auditor with public keys alone: one story, told
// with the built command line. Each test is a chapter, and goes on from the one before.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { missing, newSoftToken, PIN, type SoftToken } from '../helpers/soft-token.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The owner's key: in a token that does not give it out, and in a file only where nothing plays a token. */
const inToken = missing === null || process.env.CI === 'true';
const OWNER = inToken ? 'pkcs11:token=clinic;object=owner' : 'owner.key';

const HEADER = 'patient_id,name,ssn,drug,dose\r\n';
const PATIENTS = `${HEADER}P-16,"Ada, Countess",111,Valsartan,80\r\nP-17,Grace,222,Mirtazapine,15\r\nP-18,Mary,333,Valsartan,40\r\nP-17,Grace,222,Mirtazapine,30\r\n`;
const LATER = `${HEADER}P-19,Hedy,444,Lisinopril,5\r\n`;
const WHY = ['--reason', 'asked for by the patient', '--basis', 'GDPR Art. 17(1)(b)'];

const folder = mkdtempSync(join(tmpdir(), 'medseal-story-'));
let token: SoftToken | null = null;
const keys: Record<string, string> = {};

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function medseal(...args: string[]): Answer {
  const { MEDSEAL_KEY, MEDSEAL_PASSPHRASE, MEDSEAL_PIN, ...inherited } = process.env;
  const ofToken = token === null ? {} : { ...token.environment, MEDSEAL_PKCS11_MODULE: token.module, MEDSEAL_PIN: PIN };
  const env = { ...inherited, ...ofToken, NO_COLOR: '1', XDG_STATE_HOME: join(folder, 'state') };
  return spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, env, encoding: 'utf8', input: '' });
}

/** What a command that has to succeed answers to a program. */
function answered(...args: string[]): Record<string, unknown> & { readonly block: number } {
  const { status, stdout, stderr } = medseal(...args, '--json');
  expect({ args, status, stderr: status === 0 ? '' : stdout + stderr }).toEqual({ args, status: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** How a command that must not succeed ends, and the code of its error. */
function refused(...args: string[]): string {
  const { status, stdout } = medseal(...args, '--json');
  return `${status} ${JSON.parse(stdout).error.code}`;
}

const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** What somebody reads, who says why. */
function read(key: string, ...more: string[]): Answer {
  return medseal('open', 'trial.medseal', '--key', key, '--purpose', 'HRESCH', ...more);
}

beforeAll(() => {
  if (inToken) token = newSoftToken();
  for (const who of ['researcher', 'colleague', 'dpo', 'cmo', ...(inToken ? [] : ['owner'])]) {
    keys[who] = String(answered('keygen', '-o', `${who}.key`, '--no-passphrase').publicKey);
  }
  if (inToken) keys.owner = String(answered('keygen', '-o', OWNER).publicKey);
  write('patients.csv', PATIENTS);
});
afterAll(() => {
  for (const each of [folder, token?.folder]) if (each !== undefined) rmSync(each, { recursive: true, force: true });
});

test('the hospital seals its patients: who they are under one key, what was measured under another', () => {
  answered('init', 'trial.medseal', '--key', OWNER, '--difficulty', '4', '--audit');
  const groups = ['--group', 'identity=patient_id,name,ssn', '--group', 'clinical=*'];
  const sealed = ['seal', 'trial.medseal', 'patients.csv', ...groups, '--subject', 'patient_id', '--key', OWNER];
  answered(...sealed, '--block-size', '2');
  expect(read(OWNER, '-o', 'again.csv').status).toBe(0);
  expect(file('again.csv')).toBe(PATIENTS);
  // The storage has none of it in clear text.
  for (const secret of ['Grace', 'P-17', 'Mirtazapine']) {
    expect(readFileSync(join(folder, 'trial.medseal')).includes(secret)).toBe(false);
  }
});

test('a researcher reads the clinical columns, through a role, and says why', () => {
  answered('role', 'create', 'trial.medseal', 'researcher', keys.researcher!, keys.colleague!, '--key', OWNER);
  const grant = ['grant', 'trial.medseal', '--dataset', 'patients', '--group', 'clinical', '--to', 'role:researcher'];
  answered(...grant, '--key', OWNER);
  const open = ['open', 'trial.medseal', '--key', 'researcher.key', '-o', 'closed.csv'];
  expect(refused(...open)).toBe('2 PURPOSE_REQUIRED');
  const { status, stdout } = read('researcher.key');
  expect(status).toBe(0);
  expect(stdout).toBe('drug,dose\r\nValsartan,80\r\nMirtazapine,15\r\nValsartan,40\r\nMirtazapine,30\r\n');
  // The other group has not even a name for her.
  expect(refused(...open, '--purpose', 'HRESCH', '--group', 'identity')).toBe('2 GROUP_UNKNOWN');
  expect(refused(...open, '--purpose', 'HRESCH', '--group', '1')).toBe('1 NOT_GRANTED');
});

test('the hospital proves a record to an auditor, and signs what the ledger is now', () => {
  const record = ['--dataset', 'patients', '--row', '2', '--group', 'identity'];
  answered('prove', 'trial.medseal', ...record, '--key', OWNER, '-o', 'before.proof');
  answered('checkpoint', 'trial.medseal', '--key', OWNER, '-o', 'before.checkpoint');
});

test('nobody erases alone: it takes two of three', () => {
  const three = `dpo=${keys.dpo},cmo=${keys.cmo},owner=${keys.owner}`;
  const rule = ['approvals', 'set', 'trial.medseal', '--kind', 'erase', '--threshold', '2', '--from', three];
  answered(...rule, '--key', OWNER);
  const subject = ['--subject', 'P-17', ...WHY, '--key', OWNER];
  expect(refused('erase', 'trial.medseal', ...subject)).toBe('2 APPROVALS_MISSING');
  answered('propose', 'erase', 'trial.medseal', ...subject, '-o', 'erasure.proposal');
  expect(file('erasure.proposal')).not.toContain('P-17');
  const submit = ['submit', 'trial.medseal', 'erasure.proposal', '--public-key', keys.owner!, '--key', 'dpo.key'];
  expect(refused(...submit)).toBe('2 APPROVALS_MISSING');
  answered('approve', 'erasure.proposal', '--key', 'dpo.key', '--yes');
  expect(refused('approve', 'erasure.proposal', '--key', 'dpo.key', '--yes')).toBe('2 ARGUMENT_INVALID');
  expect(refused(...submit)).toBe('2 APPROVALS_MISSING');
  answered('approve', 'erasure.proposal', '--key', 'researcher.key', '--yes');
  expect(refused(...submit)).toBe('2 APPROVAL_INVALID');
});

test('a patient is erased, and a certificate says so', () => {
  answered('propose', 'erase', 'trial.medseal', '--subject', 'P-17', ...WHY, '--key', OWNER, '-o', 'erasure.proposal');
  for (const who of ['dpo', 'cmo']) answered('approve', 'erasure.proposal', '--key', `${who}.key`, '--yes');
  const submit = ['submit', 'trial.medseal', 'erasure.proposal', '--public-key', keys.owner!, '--key', 'dpo.key'];
  const { block } = answered(...submit);
  expect(refused(...submit)).toBe('2 ID_REPEATED');
  answered('checkpoint', 'trial.medseal', '--key', OWNER, '-o', 'erased.checkpoint');
  const certify = ['certificate', 'trial.medseal', '--block', String(block), '--checkpoint', 'erased.checkpoint'];
  answered(...certify, '--key', OWNER, '-o', 'certificate.json');
  expect(file('certificate.json')).not.toContain('P-17');

  const { stdout, stderr } = read(OWNER);
  expect(stdout).toBe(`${HEADER}P-16,"Ada, Countess",111,Valsartan,80\r\nP-18,Mary,333,Valsartan,40\r\n`);
  expect(stderr).toContain(`erased by block ${block}`);
  const find = ['find', 'trial.medseal', '--where', 'patient_id=P-17', '--purpose', 'TREAT', '--key', OWNER];
  expect(medseal(...find)).toMatchObject({ status: 1, stdout: HEADER });
  expect(read('researcher.key').stdout).toBe('drug,dose\r\nValsartan,80\r\nValsartan,40\r\n');
});

test('the researcher leaves: later rows are closed to her, and that earlier ones are not is said', () => {
  const remove = [
    'role',
    'remove',
    'trial.medseal',
    'researcher',
    keys.researcher!,
    '--reason',
    'left',
    '--key',
    OWNER,
  ];
  const { status, stdout } = medseal(...remove);
  expect(status).toBe(0);
  expect(stdout).toContain('cannot be taken back');
  write('later.csv', LATER);
  answered('seal', 'trial.medseal', 'later.csv', '--name', 'patients', '--append', '--key', OWNER);
  expect(read('colleague.key').stdout).toBe('drug,dose\r\nValsartan,80\r\nValsartan,40\r\nLisinopril,5\r\n');
  const open = ['open', 'trial.medseal', '--key', 'researcher.key', '--purpose', 'HRESCH', '-o', 'closed.csv'];
  expect(refused(...open)).toBe('1 NOT_GRANTED');
  expect(read(OWNER).stdout.endsWith(LATER.slice(HEADER.length))).toBe(true);
});

test('an auditor with public keys alone confirms every step', () => {
  const whose = ['--public-key', keys.owner!];
  const grown = ['--checkpoint', 'erased.checkpoint'];
  const verdict = answered('verify', 'trial.medseal', ...whose, ...grown);
  // Two rows of two groups have been erased.
  expect(verdict).toMatchObject({ ok: true, owner: keys.owner, records: 5, erased: 4, problems: [] });
  answered('export', 'trial.medseal', '-o', 'trial.export');
  expect(answered('verify', 'trial.export', ...whose, ...grown)).toMatchObject({ ok: true, head: verdict.head });
  // What was proven before the erasure is proven still, and what was signed then is still part of the ledger.
  expect(answered('verify-proof', 'before.proof', ...whose)).toMatchObject({ ok: true });
  expect(answered('verify', 'trial.medseal', ...whose, '--checkpoint', 'before.checkpoint')).toMatchObject({
    ok: true,
  });
  const certified = answered('verify-proof', 'certificate.json', ...whose).certificate;
  const approvedBy = [keys.dpo, keys.cmo];
  expect(certified).toMatchObject({ by: keys.owner, erasures: [{ records: 4, basis: WHY[3], approvedBy }] });
  const rules = answered('approvals', 'list', 'trial.medseal');
  expect(JSON.stringify(rules)).toContain(keys.cmo);
});

test('and lists it: who was let in and out, what was erased by whose approval, who read and why', () => {
  interface Event {
    readonly by: string;
    readonly approvedBy: readonly string[];
    readonly statement: Readonly<Record<string, unknown>>;
  }
  const events = answered('audit', 'trial.medseal') as unknown as Event[];
  const of = (kind: string): Event[] => events.filter(({ statement }) => statement.kind === kind);
  expect(of('rules').map(({ by }) => by)).toEqual([keys.owner]);
  expect(of('erase').map(({ by, approvedBy }) => [by, ...approvedBy])).toEqual([[keys.dpo, keys.dpo, keys.cmo]]);
  expect(of('role').map(({ statement }) => statement.name)).toEqual(['researcher', 'researcher']);
  expect(of('revoke').map(({ statement }) => statement.from)).toEqual([keys.researcher]);
  const { owner, researcher, colleague } = keys;
  const who = Object.entries({ owner, researcher, colleague });
  const named = (key: string) => who.find(([, value]) => value === key)?.[0];
  const accesses = of('access').map(({ by, statement }) => `${named(by)} ${statement.purpose} ${statement.outcome}`);
  expect(accesses).toEqual([
    'owner HRESCH permitted',
    'researcher HRESCH permitted',
    'researcher HRESCH refused',
    'owner HRESCH permitted',
    'owner TREAT permitted',
    'researcher HRESCH permitted',
    'colleague HRESCH permitted',
    'owner HRESCH permitted',
  ]);
  expect(JSON.stringify(events)).not.toContain('P-17');
  const fhir = medseal('audit', 'trial.medseal', '--kind', 'erase', '--format', 'fhir');
  expect(JSON.parse(fhir.stdout)).toMatchObject({ resourceType: 'AuditEvent', action: 'D' });
});
