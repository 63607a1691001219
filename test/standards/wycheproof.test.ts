// Project Wycheproof's cases: edge values, and the mistakes that implementations have made before. `reduce.mjs` beside
// the data says where it is from and what of it Medseal's forms cannot express.

import { readFileSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { hkdfExpand } from '../../src/crypto/hkdf.js';
import { identityFromPrivateKey } from '../../src/crypto/identity.js';
import * as browser from '../../src/crypto/primitives.js';
import * as node from '../../src/crypto/primitives.node.js';
import { loadCurve, type PublicKey } from '../../src/crypto/secp256k1.js';
import type { MedsealError } from '../../src/errors.js';

const curve = await loadCurve();
const ORDER = secp256k1.Point.CURVE().n;
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

interface Case {
  readonly id: number;
  readonly comment: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}

function casesOf<T>(file: string): T[] {
  const text = readFileSync(new URL(`./wycheproof/${file}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: T[] }).cases;
}

/** How often each answer came, so that a case cannot go missing unseen. */
function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

describe('ECDSA over secp256k1 with SHA-256', () => {
  interface Signature extends Case {
    readonly public_key: string;
    readonly msg: string;
    readonly sig: string;
  }

  function verifies({ public_key, msg }: Signature, signature: Uint8Array): boolean {
    const compressed = (Number.parseInt(public_key.slice(-1), 16) % 2 === 0 ? '02' : '03') + public_key.slice(2, 66);
    expect(curve.isPublicKey(compressed)).toBe(true);
    return curve.verify(compressed as PublicKey, node.sha256(bytes(msg)), signature);
  }

  test('with signatures of r ‖ s: valid is what they call valid, less every high s', () => {
    const outcomes = casesOf<Signature>('ecdsa_secp256k1_sha256_p1363_test').map((each) => {
      const high = each.sig.length === 128 && BigInt(`0x${each.sig.slice(64)}`) > ORDER / 2n;
      const valid = verifies(each, bytes(each.sig));
      expect(valid, `case ${each.id}: ${each.comment}`).toBe(each.result === 'valid' && !high);
      return valid ? 'valid' : each.result === 'valid' ? 'high s' : 'invalid';
    });
    expect(tally(outcomes)).toEqual({ valid: 95, 'high s': 72, invalid: 85 });
  });

  test('as Bitcoin has it, in DER and with low s only: valid is what they call valid', () => {
    const outcomes = casesOf<Signature>('ecdsa_secp256k1_sha256_bitcoin_test').map((each) => {
      const place = `case ${each.id}: ${each.comment}`;
      const signature = fromDer(bytes(each.sig));
      if (signature === null) {
        // Another spelling of DER, or numbers that are negative or of more than 32 bytes: r ‖ s cannot say that.
        expect(each.result, place).toBe('invalid');
        return 'not expressible';
      }
      const valid = verifies(each, signature);
      expect(valid, place).toBe(each.result === 'valid');
      return valid ? 'valid' : 'invalid';
    });
    expect(tally(outcomes)).toEqual({ valid: 162, invalid: 69, 'not expressible': 232 });
  });
});

/** `r ‖ s` of a signature in DER; null where it is no DER, or r or s does not fit. */
function fromDer(der: Uint8Array): Uint8Array | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 127) return null;
  const first = integerAt(der, 2);
  const second = first === null ? null : integerAt(der, first.end);
  return first !== null && second?.end === der.length ? Uint8Array.from([...first.value, ...second.value]) : null;
}

/** A DER integer of at most 32 bytes that is not negative. */
function integerAt(der: Uint8Array, at: number): { value: Uint8Array; end: number } | null {
  const [tag, length = 0] = der.subarray(at);
  const end = at + 2 + length;
  if (tag !== 2 || length === 0 || length > 33 || end > der.length) return null;
  const content = der.subarray(at + 2, end);
  const [leading = 0, next = 0x80] = content;
  const padded = leading === 0 && length > 1;
  if (leading > 0x7f || (padded && next < 0x80) || (length === 33 && !padded)) return null;
  const digits = padded ? content.subarray(1) : content;
  const value = new Uint8Array(32);
  value.set(digits, 32 - digits.length);
  return { value, end };
}

describe('ECDH over secp256k1', () => {
  interface Agreement extends Case {
    readonly public: string;
    readonly private: string;
    readonly shared: string;
  }

  test('with uncompressed keys: agrees on their secrets, and refuses what is no point', async () => {
    const outcomes: string[] = [];
    for (const each of casesOf<Agreement>('ecdh_secp256k1_test')) {
      const identity = await identityFromPrivateKey(bytes(each.private.padStart(64, '0').slice(-64)));
      const outcome = await identity.sharedSecret(bytes(each.public)).then(toHex, (error: MedsealError) => error.code);
      const place = `case ${each.id}: ${each.comment}`;
      if (each.result === 'invalid') expect(outcome, place).toBe('PUBLIC_KEY_INVALID');
      else if (each.result === 'valid') expect(outcome, place).toBe(each.shared);
      else expect([each.shared, 'PUBLIC_KEY_INVALID'], place).toContain(outcome);
      outcomes.push(each.result);
    }
    expect(tally(outcomes)).toEqual({ valid: 473, acceptable: 1, invalid: 18 });
  });
});

describe.each([
  ['Node.js', node],
  ['a browser', browser],
])('in %s', (_, primitives) => {
  interface Encryption extends Case {
    readonly key: string;
    readonly iv: string;
    readonly aad: string;
    readonly msg: string;
    readonly ct: string;
    readonly tag: string;
  }

  test('AES-256-GCM opens what they call valid, and seals it to the same bytes', () => {
    const outcomes = casesOf<Encryption>('aes_gcm_test').map((each) => {
      const [key, nonce, aad, sealed] = [each.key, each.iv, each.aad, each.ct + each.tag].map(bytes) as Four;
      const opened = primitives.aes256GcmOpen(key, nonce, sealed, aad);
      const place = `case ${each.id}: ${each.comment}`;
      expect(opened === null ? null : toHex(opened), place).toBe(each.result === 'valid' ? each.msg : null);
      if (opened !== null) expect(toHex(primitives.aes256GcmSeal(key, nonce, opened, aad)), place).toBe(toHex(sealed));
      return each.result;
    });
    expect(tally(outcomes)).toEqual({ valid: 39, invalid: 27 });
  });
});
type Four = [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

test('HKDF with SHA-256: extracted with HMAC, expanded to their bytes', () => {
  interface Derivation {
    readonly id: number;
    readonly ikm: string;
    readonly salt: string;
    readonly info: string;
    readonly okm: string;
  }
  const cases = casesOf<Derivation>('hkdf_sha256_test');
  expect(cases).toHaveLength(83);
  for (const { id, ikm, salt, info, okm } of cases) {
    // An empty salt is 32 zero bytes (RFC 5869 section 2.2), which HMAC takes for the same key.
    const pseudorandomKey = node.hmacSha256(bytes(salt), bytes(ikm));
    expect(toHex(hkdfExpand(pseudorandomKey, okm.length / 2, bytes(info))), `case ${id}`).toBe(okm);
  }
});
