// A file altered by a byte or a few, or by a member of what it says: what damage does, and what somebody does who knows the form.

import type { Json, JsonObject } from '../oracle/jcs.js';
import type { NextNumber } from './random-numbers.js';

/** One alteration of bytes, which are then others. */
export function alterBytes(bytes: Uint8Array, next: NextNumber): Buffer {
  for (;;) {
    const altered = BYTES[next(BYTES.length)]!(Buffer.from(bytes), next);
    if (!altered.equals(bytes)) return altered;
  }
}

type AlterBytes = (bytes: Buffer, next: NextNumber) => Buffer;

const spliced = (bytes: Buffer, at: number, gone: number, ...put: Uint8Array[]): Buffer =>
  Buffer.concat([bytes.subarray(0, at), ...put, bytes.subarray(at + gone)]);

/** What stands in such files, and what does not. */
const byteFrom = (next: NextNumber): Uint8Array => {
  const likely = '0123456789abcdef"{}[],:+/=-_ \n\r\t\\.eE';
  return Buffer.of(next(2) === 0 ? next(256) : likely.charCodeAt(next(likely.length)));
};

const BYTES: readonly AlterBytes[] = [
  (bytes, next) => spliced(bytes, next(bytes.length), 1, byteFrom(next)),
  (bytes, next) => {
    bytes[next(bytes.length)]! ^= 1 << next(8);
    return bytes;
  },
  (bytes, next) => spliced(bytes, next(bytes.length), 1),
  (bytes, next) => spliced(bytes, next(bytes.length + 1), 0, byteFrom(next)),
  (bytes, next) => {
    const [at, length] = [next(bytes.length), 1 + next(80)];
    return spliced(bytes, at, 0, bytes.subarray(at, at + length));
  },
  (bytes, next) => {
    const [a, b] = [next(bytes.length), next(2) === 0 ? next(bytes.length) : -1];
    const other = b < 0 ? (a + 1) % bytes.length : b;
    const altered = Buffer.from(bytes);
    [altered[a], altered[other]] = [bytes[other]!, bytes[a]!];
    return altered;
  },
  (bytes, next) => bytes.subarray(0, next(bytes.length)),
  (bytes, next) => bytes.subarray(1 + next(bytes.length - 1)),
  (bytes, next) => spliced(bytes, next(bytes.length), 2 + next(80)),
  (bytes, next) => spliced(bytes, bytes.length, 0, ...Array.from({ length: 1 + next(4) }, () => byteFrom(next))),
  (bytes, next) => (next(2) === 0 ? Buffer.concat([bytes, bytes]) : spliced(bytes, 0, 0, Buffer.of(0xef, 0xbb, 0xbf))),
];

/** A place in a JSON value: member names, and numbers of elements. */
export type Path = readonly (string | number)[];

/** A JSON value with one of its values, members or elements altered: it is another, and still JSON that a ledger holds. */
export function alterJson(value: Json, next: NextNumber): { altered: Json; path: Path } {
  const paths = pathsIn(value);
  for (;;) {
    const path = paths[next(paths.length)]!;
    const altered = replaced(value, path, alterValue(at(value, path), next));
    if (JSON.stringify(altered) !== JSON.stringify(value)) return { altered, path };
  }
}

function pathsIn(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([name, of]) =>
      pathsIn(of, [...path, Array.isArray(value) ? Number(name) : name]),
    ),
  ];
}

const at = (value: Json, path: Path): Json =>
  path.reduce<Json>((found, name) => (found as Record<string | number, Json>)[name] ?? null, value);

function replaced(value: Json, [name, ...rest]: Path, by: Json): Json {
  if (name === undefined) return by;
  if (Array.isArray(value)) return value.with(Number(name), replaced(value[Number(name)] ?? null, rest, by));
  const object = value as JsonObject;
  return { ...object, [name]: replaced(object[name] ?? null, rest, by) };
}

function alterValue(value: Json, next: NextNumber): Json {
  if (next(20) === 0) return [null, true, 0, 1, '', '0', [], {}, [value], 2 ** 53 - 1][next(10)]!;
  if (typeof value === 'number')
    return [value + 1, Math.max(0, value - 1), value * 2, value + 2 ** (1 + next(40))][next(4)]!;
  if (typeof value === 'string') return alterText(value, next);
  if (typeof value === 'boolean') return !value;
  if (value === null) return 0;
  if (Array.isArray(value)) return alterArray(value, next);
  return alterObject(value as JsonObject, next);
}

function alterArray(value: readonly Json[], next: NextNumber): Json {
  const [a, b] = [next(value.length + 1), next(value.length + 1)];
  if (value.length === 0 || next(4) === 0) return value.toSpliced(a, 0, value[b] ?? 0);
  if (next(3) === 0) return value.toSpliced(a, 1);
  return value.with(a % value.length, value[b % value.length]!).with(b % value.length, value[a % value.length]!);
}

function alterObject(value: JsonObject, next: NextNumber): Json {
  const names = Object.keys(value);
  const [name, other] = [names[next(names.length)] ?? 'a', names[next(names.length)] ?? 'b'];
  switch (next(4)) {
    case 0:
      return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
    case 1:
      return { ...value, [alterText(name, next).replaceAll(/[^ -~]/g, '')]: value[name] ?? null };
    case 2:
      return { ...value, [name]: value[other] ?? null, [other]: value[name] ?? null };
    default:
      return { ...value, [['a', 'proof', 'x', 'constructor', 'toString', ''][next(6)]!]: next(3) };
  }
}

/** A digit, letter or sign of it changed for one of the same sort, mostly, so that it keeps its form. */
function alterText(value: string, next: NextNumber): string {
  const characters = [...value];
  const [place, length] = [next(characters.length + 1), characters.length];
  const like = alphabetOf(value);
  const character = like[next(like.length)]!;
  switch (next(6)) {
    case 0:
      return characters.toSpliced(place, 0, character).join('');
    case 1:
      return characters.toSpliced(place, 1).join('');
    case 2:
      return length < 2
        ? `${value}0`
        : characters
            .with(place % length, characters[(place + 1) % length]!)
            .with((place + 1) % length, characters[place % length]!)
            .join('');
    default:
      return length === 0 ? character : characters.with(place % length, character).join('');
  }
}

function alphabetOf(value: string): string {
  if (/^[0-9a-f]*$/.test(value)) return '0123456789abcdef';
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return '0123456789';
  if (/^[\w-]*$/.test(value)) return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return 'abc019+/= \n—é\u00a0\ufeff.';
}
