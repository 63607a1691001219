// Every certificate vector against the implementation and against the oracle.

import { describe, expect, test } from 'vitest';
import { parseCheckpoint } from '../../src/format/checkpoint.js';
import { decodeCertificate, encodeCertificate, isCertificate } from '../../src/proof/certificate.js';
import { verifyCertificate } from '../../src/proof/verify-certificate.js';
import { checkCertificate } from '../oracle/certificate.js';
import { vectorsIn } from './files.js';

interface CertificateVector {
  readonly owner: string;
  readonly checkpoint?: string;
  readonly certificate: string;
  readonly expect: { readonly ok: boolean; readonly code?: string; readonly [member: string]: unknown };
}

describe.each(vectorsIn<CertificateVector>('certificate'))('certificate %s', (name, vector) => {
  const { owner, checkpoint, certificate: text, expect: expected } = vector;

  test('to the implementation', async () => {
    const given = checkpoint === undefined ? {} : { checkpoint: parseCheckpoint(Buffer.from(checkpoint)) };
    const { ok, problem, certificate } = await verifyCertificate(Buffer.from(text), { owner, ...given });
    const found =
      certificate === null
        ? { ok, code: problem?.code }
        : { ok, ...certificate, ...certificate.anchor, records: certificate.erasures.map(({ records }) => records) };
    expect(found).toMatchObject(expected);
  });

  test('to the oracle', () => {
    expect(checkCertificate(text, owner, checkpoint)).toMatchObject(expected);
  });

  test('is told from a record proof', () => {
    expect(isCertificate(Buffer.from(text))).toBe(!name.startsWith('malformed-type'));
  });

  if (!expected.ok) return;
  test('is written again as it was', () => {
    expect(Buffer.from(encodeCertificate(decodeCertificate(Buffer.from(text)))).toString()).toBe(text);
  });
});
