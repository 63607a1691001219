import { describe, expect, test } from 'vitest';
import { MedsealError } from '../../../src/errors.js';
import { isPkcs11Uri, parsePkcs11Uri } from '../../../src/keys/pkcs11/uri.js';

const refusal = (text: string): string => {
  try {
    parsePkcs11Uri(text);
  } catch (error) {
    if (error instanceof MedsealError) return error.code;
  }
  return 'accepted';
};

describe('a PKCS #11 URI (RFC 7512)', () => {
  test('is told from a file name', () => {
    expect(isPkcs11Uri('pkcs11:token=clinic')).toBe(true);
    expect(isPkcs11Uri('owner.key')).toBe(false);
    expect(isPkcs11Uri('./pkcs11:x')).toBe(false);
  });

  test('says which token and which key, and nothing that it does not say', () => {
    expect(parsePkcs11Uri('pkcs11:token=clinic;object=owner')).toEqual({ token: 'clinic', object: 'owner' });
    expect(parsePkcs11Uri('pkcs11:')).toEqual({});
  });

  test('says everything that it can', () => {
    const text =
      'pkcs11:token=My%20token;manufacturer=Snake%20Oil;model=1.0;serial=DECC0401648;slot-id=327;object=%c3%a4;id=%00%ff%41;type=private?module-path=/usr/lib/m.so&pin-source=file:///etc/pin';
    expect(parsePkcs11Uri(text)).toEqual({
      token: 'My token',
      manufacturer: 'Snake Oil',
      model: '1.0',
      serial: 'DECC0401648',
      slotId: 327,
      object: 'ä',
      id: Uint8Array.of(0, 255, 0x41),
      modulePath: '/usr/lib/m.so',
      pinFile: '/etc/pin',
    });
  });

  test.each([
    ['file:/etc/pin', '/etc/pin'],
    ['file:pin.txt', 'pin.txt'],
    ['file:///etc/pin', '/etc/pin'],
  ])('the PIN can be in a file: %s', (source, file) => {
    expect(parsePkcs11Uri(`pkcs11:?pin-source=${source}`).pinFile).toBe(file);
  });

  test.each([
    ['the PIN itself, which others could see', 'pkcs11:token=a?pin-value=1234'],
    ['a PIN from a command', 'pkcs11:token=a?pin-source=|/bin/cat'],
    ['an attribute that is not known', 'pkcs11:token=a;colour=red'],
    ['a query that is not known', 'pkcs11:token=a?colour=red'],
    ['an attribute twice', 'pkcs11:token=a;token=b'],
    ['a name without value', 'pkcs11:token'],
    ['half a percent sign', 'pkcs11:token=a%4'],
    ['no hex behind a percent sign', 'pkcs11:token=a%zz'],
    ['a space', 'pkcs11:token=my token'],
    ['a letter that is not ASCII', 'pkcs11:token=ä'],
    ['a slot that is no number', 'pkcs11:slot-id=one'],
    ['a public key', 'pkcs11:object=owner;type=public'],
    ['two queries', 'pkcs11:token=a?module-path=/a?module-path=/b'],
    ['another scheme', 'pkcs12:token=a'],
  ])('with %s is refused', (_, text) => {
    expect(refusal(text)).toBe('USAGE');
  });
});
