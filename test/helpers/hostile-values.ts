// Values, texts and bytes that no honest program would write.

import fc from 'fast-check';
import type { Json } from '../oracle/jcs.js';

/** A JSON value as it is to stand in the text, in whatever spelling. */
export interface Spelled {
  readonly raw: string;
}

export const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

const ORDER = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';

/** JSON text of single values: numbers of every size, nests, texts with everything in them, other spellings. */
export const SPELLINGS: readonly string[] = [
  ...['null', 'true', 'false', '[]', '{}', '""', '[[]]', '[null]', '{"":0}', '{"kind":"info-x"}', '{"kind":"ledger"}'],
  ...['0', '-0', '-1', '1.0', '1e0', '1E+2', '0.1', '1e400', '-1e400', '1e-400', '01', '+1', '0x1', 'NaN', 'Infinity'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '18446744073709551616', '9'.repeat(400)],
  ...['"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\u0061"', '"\\/"', '"\\x41"', '"\t"', '"\u2028"', '"\\u001F"'],
  ...[
    '"__proto__"',
    '{"__proto__":{"kind":"x"}}',
    '{"constructor":{"prototype":1}}',
    '{"toString":1}',
    '{"a":1,"a":2}',
  ],
  ...[
    `"${'AB'.repeat(32)}"`,
    `"${'0'.repeat(63)}"`,
    `"${'0'.repeat(65)}"`,
    `"${'０'.repeat(64)}"`,
    `"${'g'.repeat(64)}"`,
  ],
  ...['"AA=="', '"AB"', '"+/+/"', '"A"', '"A A"', '"AA\\n"', `"02${'f'.repeat(64)}"`, `"05${'1'.repeat(64)}"`],
  ...[`"${'0'.repeat(128)}"`, `"${'f'.repeat(128)}"`, `"${ORDER}${ORDER}"`, `"${'0'.repeat(64)}${'1'.repeat(64)}"`],
  ...['"2025-02-30T00:00:00.000Z"', '"9999-12-31T23:59:59.999Z"', '"0000-01-01T00:00:00.000Z"', '"+012025-01-01"'],
  ...[deep(3), deep(9), deep(1000), `"${'x'.repeat(100_000)}"`, `[${'0,'.repeat(20_000)}0]`, '[1,]', '{,}', 'tru', '"'],
];

export const spelled: fc.Arbitrary<Spelled> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...SPELLINGS).map((raw) => ({ raw })) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 4 }).map((raw) => ({ raw })) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((raw) => ({ raw })) },
);

/** Any bytes: noise, noise that looks like JSON, and what a text editor may have left. */
export const noise: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(fc.constantFrom(...SPELLINGS, '{', '}', '[', ']', ',', ':', '"', '\\', '\n', '\r\n', '\0', '\ufeff', ' '), {
      maxLength: 12,
    })
    .map((parts) => Buffer.from(parts.join(''))),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(text)),
);

/** What can become of bytes on their way. The numbers choose where. */
export type Damage = (bytes: Uint8Array, a: number, b: number, noise: Uint8Array) => Uint8Array;

const cut = (bytes: Uint8Array, a: number): number => a % (bytes.length + 1);

export const DAMAGES: Readonly<Record<string, Damage>> = {
  truncated: (bytes, a) => bytes.subarray(0, cut(bytes, a)),
  'without its beginning': (bytes, a) => bytes.subarray(cut(bytes, a)),
  doubled: (bytes) => Buffer.concat([bytes, bytes]),
  'with a stretch taken out': (bytes, a, b) =>
    Buffer.concat([bytes.subarray(0, cut(bytes, a)), bytes.subarray(cut(bytes, a) + (b % 50))]),
  'with a stretch repeated': (bytes, a, b) =>
    Buffer.concat([bytes.subarray(0, cut(bytes, a) + (b % 50)), bytes.subarray(cut(bytes, a))]),
  'with noise put in': (bytes, a, _, more) =>
    Buffer.concat([bytes.subarray(0, cut(bytes, a)), more, bytes.subarray(cut(bytes, a))]),
  'with noise behind': (bytes, _a, _b, more) => Buffer.concat([bytes, more]),
  'with noise before': (bytes, _a, _b, more) => Buffer.concat([more, bytes]),
  'with noise over it': (bytes, a, _, more) => {
    const changed = Buffer.from(bytes);
    changed.set(more.subarray(0, bytes.length - cut(bytes, a)), cut(bytes, a));
    return changed;
  },
};

export const damage: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .tuple(fc.constantFrom(...Object.keys(DAMAGES)), fc.nat(), fc.nat(), noise)
  .map(
    ([name, a, b, more]) =>
      (bytes) =>
        DAMAGES[name]?.(bytes, a, b, more) ?? bytes,
  );

/**
 * JSON text of a value in which one place, chosen by a number, has another spelling: a value anywhere within, or a
 * member more, or one less, or one twice.
 */
export function respell(value: Json, place: number, { raw }: Spelled): string {
  const places = countValues(value);
  let left = place % (places + 2);
  if (left >= places && value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const name = left === places ? '__proto__' : (Object.keys(value)[place % Object.keys(value).length] ?? 'x');
    return `${JSON.stringify(value).slice(0, -1)},${JSON.stringify(name)}:${raw}}`;
  }
  const write = (part: Json): string => {
    if (left-- === 0) return raw;
    if (Array.isArray(part)) return `[${part.map(write).join(',')}]`;
    if (part === null || typeof part !== 'object') return JSON.stringify(part);
    return `{${Object.entries(part)
      .map(([name, item]) => `${JSON.stringify(name)}:${write(item)}`)
      .join(',')}}`;
  };
  return write(value);
}

function countValues(value: Json): number {
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + countValues(item), 1);
}
