// Erasure certificates: good ones, and those that fail in a way of their own. What they share with record proofs is shown
// by those.

import { hex } from '../../oracle/bytes.js';
import { type CertificateWish, certificateFile, makeCertificate, signCertificate } from '../../oracle/certificate.js';
import { signCheckpoint } from '../../oracle/checkpoint.js';
import type { Json, JsonObject } from '../../oracle/jcs.js';
import { approved, erase, together } from '../../oracle/say.js';
import { hashOf, ledger, note, parse, raw, say } from './ledgers.js';
import {
  DOCTOR,
  doctor,
  OFF_CURVE,
  OFFICER,
  OWNER,
  officer,
  owner,
  STRANGER,
  stranger,
  WRITER,
  writer,
} from './people.js';
import { entriesOf } from './proofs.js';
import { SETS } from './verify-said.js';
import type { Vector } from './verify-vector.js';

const AT = '2025-03-01T12:30:00.000Z';
const rule = { from: [officer, doctor], threshold: 2 };
const ordered = { kind: 'erase', entries: [[7, 0]], reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };

/** Two data sets; two erasures in block 9, between notes; a rule; an erasure that two approve in block 11. */
const LINES = ledger('certificate', [
  ...SETS,
  raw(together(() => [{ kind: 'info-note', text: 'what was asked for' }], erase([4, 0]), erase([4, 1], [7, 1]))),
  say({ kind: 'rules', rules: { erase: rule } }),
  raw(approved(ordered, [OFFICER, DOCTOR])),
  note('the owner goes on'),
]);
const PROVER = { lines: LINES, entries: entriesOf, hash: hashOf };
const [TWO, RULED] = [
  LINES.findIndex((line) => line.includes('what was asked for')) + 1,
  LINES.findIndex((line) => line.includes('"approvals"')) + 1,
];
const WISH: CertificateWish = { block: TWO, positions: [1, 2], anchor: TWO, at: AT, by: OWNER };
const GOOD = makeCertificate(PROVER, WISH);

function vector(
  name: string,
  description: string,
  certificate: JsonObject | string,
  expect: object,
  given: { owner?: string; checkpoint?: string } = {},
): Vector {
  const text = typeof certificate === 'string' ? certificate : certificateFile(certificate);
  const content = { description, rule: 'spec/proofs.md#erasure-certificate', owner, ...given };
  return { path: `certificate/${name}`, content: { ...content, certificate: text, expect } };
}

function good(name: string, description: string, wish: Partial<CertificateWish>, expect: object): Vector {
  const shared = { ok: true, ledger: hex(hashOf(LINES[0]!)), at: AT, by: owner };
  return vector(`ok-${name}`, description, makeCertificate(PROVER, { ...WISH, ...wish }), { ...shared, ...expect });
}

const bad = (name: string, description: string, code: string, certificate: JsonObject | string): Vector =>
  vector(name, description, certificate, { ok: false, code });

/** Changed, and signed again. */
const changed = (members: JsonObject): JsonObject => signCertificate({ ...GOOD, ...members }, OWNER);

function first(members: JsonObject): JsonObject {
  const [one, ...others] = GOOD.erasures as JsonObject[];
  return changed({ erasures: [{ ...one!, ...members }, ...others] });
}

/** The first erasure without the others. */
function alone(members: JsonObject): JsonObject {
  const [one] = GOOD.erasures as JsonObject[];
  return changed({ erasures: [{ ...one!, ...members }] });
}

export function certificateVectors(): Vector[] {
  return [...goodOnes(), ...forms(), ...checks()];
}

function goodOnes(): Vector[] {
  const checkpoint = signCheckpoint(LINES.map(hashOf), OWNER);
  return [
    good('own-block', 'Two erasures of one block, which the owner has signed.', {}, { block: TWO, records: [1, 2] }),
    good('one-of-two', 'One of two erasures.', { positions: [2] }, { block: TWO, records: [2] }),
    good('later-block', 'A later block vouches.', { anchor: LINES.length }, { size: LINES.length - 1 }),
    good('checkpoint', 'A checkpoint vouches.', { anchor: checkpoint }, { size: LINES.length }),
    good('by-another', 'Whoever keeps the ledger certifies, not the owner.', { by: WRITER }, { by: writer }),
    good(
      'approved',
      'An erasure that others have approved.',
      { block: RULED, positions: [0], anchor: RULED },
      {
        block: RULED,
        records: [1],
      },
    ),
  ];
}

function forms(): Vector[] {
  const malformed = (name: string, description: string, certificate: JsonObject | string): Vector =>
    bad(`malformed-${name}`, description, 'MALFORMED', certificate);
  const erasures = GOOD.erasures as JsonObject[];
  const statement = (erasures[0] as { statement: JsonObject }).statement;
  const note = (parse(LINES[TWO - 1]!).data as Json[])[0]!;
  return [
    malformed('no-line-feed', 'The line feed is not there.', certificateFile(GOOD).slice(0, -1)),
    malformed('type', 'Another type.', changed({ type: 'medseal/1 certificate' })),
    malformed('member-unknown', 'A member that no certificate has.', changed({ patient: 'P-17' })),
    malformed('none', 'No erasure.', changed({ erasures: [] })),
    malformed('order', 'The erasures are not in their order.', changed({ erasures: [...erasures].reverse() })),
    malformed('twice', 'An erasure twice.', changed({ erasures: [erasures[0]!, erasures[0]!] })),
    malformed('erasure-member', 'A member more beside the statement.', first({ patient: 'P-17' })),
    malformed('statement', 'A statement of another kind.', first({ statement: note, position: 0 })),
    malformed('statement-reason', 'An erasure without a reason.', first({ statement: { ...statement, reason: '' } })),
    malformed('by', 'A key that is none.', changed({ by: 'ab' })),
    malformed('at', 'A time that is none.', changed({ at: '2025-02-30T00:00:00.000Z' })),
    malformed('signature', 'A short signature.', { ...GOOD, signature: 'ab' }),
    bad('newer', 'A certificate of version 2.', 'VERSION_NEWER', changed({ type: 'medseal/2 erasure-certificate' })),
  ];
}

function checks(): Vector[] {
  const statement = (GOOD.erasures as { statement: JsonObject }[])[0]!.statement;
  const given = signCheckpoint(LINES.slice(0, 2).map(hashOf), OWNER);
  return [
    bad(
      'data-statement',
      'The reason is another.',
      'DATA_MISMATCH',
      first({ statement: { ...statement, reason: 'no' } }),
    ),
    bad(
      'data-entries',
      'The records are others.',
      'DATA_MISMATCH',
      first({ statement: { ...statement, entries: [[4, 1]] } }),
    ),
    bad('data-position', 'The place is another.', 'DATA_MISMATCH', first({ position: 0 })),
    bad('data-position-beyond', 'No block has so many entries.', 'DATA_MISMATCH', alone({ position: 65_536 })),
    bad(
      'block',
      "The block's signature is another.",
      'SIGNATURE_INVALID',
      changed({
        block: { ...(GOOD.block as JsonObject), signature: 'ab'.repeat(64) },
      }),
    ),
    vector('owner', 'Another key is asked for.', GOOD, { ok: false, code: 'OWNER_MISMATCH' }, { owner: stranger }),
    vector(
      'given',
      'The verifier has a checkpoint of another state.',
      GOOD,
      { ok: false, code: 'CHECKPOINT_DIFFERS' },
      {
        checkpoint: given,
      },
    ),
    bad('time', 'It is dated earlier than the erasure.', 'TIME_BACKWARDS', changed({ at: '2025-03-01T11:00:00.000Z' })),
    bad('signature', 'Changed after it was signed.', 'SIGNATURE_INVALID', { ...GOOD, at: '2025-03-01T12:31:00.000Z' }),
    bad(
      'signature-no-point',
      'Whoever certifies is no point of the curve.',
      'SIGNATURE_INVALID',
      changed({ by: OFF_CURVE }),
    ),
    bad('signature-by', 'Signed by another than it says.', 'SIGNATURE_INVALID', signCertificate(GOOD, STRANGER)),
  ];
}
