import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toBase64, utf8 } from '../../../src/bytes.js';
import { type Curve, loadCurve, type PublicKey } from '../../../src/crypto/secp256k1.js';
import { MedsealError } from '../../../src/errors.js';
import { isSignedBy, parseCheckpoint, signCheckpoint } from '../../../src/format/checkpoint.js';
import { owner, stranger } from '../../helpers/people.js';
import { isSignedBy as oracleIsSignedBy, readCheckpoint } from '../../oracle/checkpoint.js';

const HEAD = { ledger: 'ab'.repeat(32), size: 1_000_000, root: 'cd'.repeat(32) };
const ROOT = toBase64(fromHex(HEAD.root)!);
let curve: Curve;
let text: string;

beforeAll(async () => {
  curve = await loadCurve();
  text = await signCheckpoint(HEAD, await owner.identity());
});

function codeOf(bytes: Uint8Array): string | null {
  try {
    parseCheckpoint(bytes);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(MedsealError);
    return (error as MedsealError).code;
  }
}

/** Whether it is read, and signed by the owner. */
function holds(bytes: Uint8Array): boolean {
  return codeOf(bytes) === null && isSignedBy(parseCheckpoint(bytes), owner.publicKey as PublicKey, curve);
}

test('what is signed is read back, and signed by nobody else', async () => {
  const signed = await signCheckpoint(HEAD, await owner.identity());
  expect(signed).toBe(text);
  const checkpoint = parseCheckpoint(utf8(signed));
  expect(checkpoint).toMatchObject(HEAD);
  expect(isSignedBy(checkpoint, owner.publicKey as PublicKey, curve)).toBe(true);
  expect(isSignedBy(checkpoint, stranger.publicKey as PublicKey, curve)).toBe(false);
  expect(oracleIsSignedBy(readCheckpoint(text), owner.publicKey)).toBe(true);
});

describe('nothing altered holds:', () => {
  test('a byte changed', () => {
    const bytes = utf8(text);
    for (let at = 0; at < bytes.length; at++) {
      for (const x of [1, 2, 32, 128]) expect(holds(bytes.with(at, (bytes[at] ?? 0) ^ x)), `byte ${at}`).toBe(false);
    }
  });

  test('bytes taken out, put in, or put elsewhere', () => {
    const place = fc.nat(text.length);
    const property = fc.property(place, place, fc.string({ maxLength: 3 }), (a, b, more) => {
      const changed = text.slice(0, Math.min(a, b)) + more + text.slice(Math.max(a, b));
      if (changed !== text) expect(holds(utf8(changed))).toBe(false);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('its signature under another state', async () => {
    for (const other of [{ size: 999_999 }, { root: 'ce'.repeat(32) }, { ledger: 'aa'.repeat(32) }]) {
      const note = (await signCheckpoint({ ...HEAD, ...other }, await owner.identity())).split('\n\n')[0]!;
      expect(
        holds(utf8(`${note}\n\n${text.split('\n\n')[1]!.replaceAll(HEAD.ledger, other.ledger ?? HEAD.ledger)}`)),
      ).toBe(false);
    }
  });
});

describe('other lines', () => {
  const LINE = '\u2014 witness.example/w 3q2+7wAAAAAAAAAA\n';

  test('are passed over', () => {
    expect(holds(utf8(text + LINE))).toBe(true);
    expect(holds(utf8(text.replace('\n\n', `\n\n${LINE}${LINE}`)))).toBe(true);
  });

  test('under the key id of the owner must be valid', () => {
    const line = text.split('\n\n')[1]!;
    const blob = Buffer.from(line.split(' ')[2]!, 'base64');
    const forged = line.replace(
      /[^ ]+\n$/,
      `${Buffer.concat([blob.subarray(0, 4), Buffer.alloc(64, 1)]).toString('base64')}\n`,
    );
    const short = line.replace(/[^ ]+\n$/, `${blob.subarray(0, 67).toString('base64')}\n`);
    for (const bad of [forged, short]) expect(holds(utf8(text + bad))).toBe(false);
    expect(holds(utf8(text + line))).toBe(true);
  });
});

describe('is refused:', () => {
  const signature = '\u2014 a AAAAAAAA\n';
  const note = (origin: string, size: string, root: string, rest = `\n${signature}`): string =>
    `${origin}\n${size}\n${root}\n${rest}`;
  const origin = `medseal/${HEAD.ledger}`;

  test.each<[string, string]>([
    ['nothing', ''],
    ['one line', 'medseal'],
    ['another origin', note('example.org/log', '5', ROOT)],
    ['an origin in upper case', note(origin.toUpperCase(), '5', ROOT)],
    ['a short id', note(origin.slice(0, -1), '5', ROOT)],
    ['no blocks', note(origin, '0', ROOT)],
    ['a leading zero', note(origin, '05', ROOT)],
    ['a sign', note(origin, '+5', ROOT)],
    ['too many blocks', note(origin, '9007199254740992', ROOT)],
    ['no number', note(origin, 'five', ROOT)],
    ['a short root', note(origin, '5', 'AAAA')],
    ['a root without padding', note(origin, '5', ROOT.slice(0, -1))],
    ['a root in base64url', note(origin, '5', ROOT.replaceAll('/', '_').replaceAll('+', '-').replace('z', '_'))],
    ['a root with bits that carry nothing', note(origin, '5', `${ROOT.slice(0, -2)}1=`)],
    ['an extension line', note(origin, '5', `${ROOT}\nmore`)],
    ['no signature', note(origin, '5', ROOT, '\n')],
    ['no blank line', note(origin, '5', ROOT, signature)],
    ['two blank lines', note(origin, '5', ROOT, `\n\n${signature}`)],
    ['carriage returns', note(origin, '5', ROOT).replaceAll('\n', '\r\n')],
    ['no last line feed', note(origin, '5', ROOT).slice(0, -1)],
    ['a hyphen for a dash', note(origin, '5', ROOT, '\n- a AAAAAAAA\n')],
    ['a name with a plus', note(origin, '5', ROOT, '\n\u2014 a+b AAAAAAAA\n')],
    ['a signature of no bytes', note(origin, '5', ROOT, '\n\u2014 a AAAAAA==\n')],
    ['65 signatures', note(origin, '5', ROOT, `\n${signature.repeat(65)}`)],
    ['more than 64 KiB', note(origin, '5', ROOT, `\n\u2014 a ${'A'.repeat(65_536)}\n`)],
    ['equals signs without end', note(origin, '5', '='.repeat(60_000))],
  ])('%s', (_, bad) => {
    expect(codeOf(utf8(bad))).toBe('CHECKPOINT_INVALID');
  });

  test('what is not UTF-8', () => {
    expect(codeOf(Buffer.from(note(origin, '5', ROOT, '\n\u2014 \xff AAAAAAAA\n'), 'latin1'))).toBe(
      'CHECKPOINT_INVALID',
    );
  });

  test('junk of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(codeOf(bytes)).toBe('CHECKPOINT_INVALID');
      }),
    );
  });

  test('and the most that is allowed is not', () => {
    expect(codeOf(utf8(note(origin, '9007199254740991', ROOT, `\n${signature.repeat(64)}`)))).toBeNull();
    expect(codeOf(utf8(note(origin, '5', ROOT, '\n\u2014 a AAAAAAA=\n')))).toBeNull();
    const short = note(origin, '5', ROOT);
    const named = (length: number): Uint8Array => utf8(short.replace(' a ', ` ${'a'.repeat(length)} `));
    const most = 64 * 1024 - utf8(short).length + 1;
    expect(named(most)).toHaveLength(64 * 1024);
    expect([codeOf(named(most)), codeOf(named(most + 1))]).toEqual([null, 'CHECKPOINT_INVALID']);
  });
});
