/** A whole number as pandas reads it: blanks around it, a sign, zeros before it. */
const INTEGER = /^[ \t\n\v\f\r]*([+-]?\d+)[ \t\n\v\f\r]*$/;

/** A float as pandas reads it. */
const FLOAT = /^[ \t\n\v\f\r]*([+-]?)((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)[ \t\n\v\f\r]*$/i;

/** The whole number that a text is, of any size; null where it is none. */
export function parseInteger(text: string): bigint | null {
  const digits = INTEGER.exec(text)?.[1];
  return digits === undefined ? null : BigInt(digits.startsWith('+') ? digits.slice(1) : digits);
}

/** The nearest float of 64 bits; null where the text is no number. */
export function parseFloat64(text: string): number | null {
  const match = FLOAT.exec(text);
  if (match === null) return null;
  const [, sign, digits = ''] = match;
  const first = digits[0]?.toLowerCase();
  const size = first === 'i' ? Number.POSITIVE_INFINITY : first === 'n' ? Number.NaN : Number(digits);
  return sign === '-' ? -size : size;
}

/** The shortest decimal from which the float comes back, in the form of ECMAScript's Number::toString. */
export function floatText(value: number, bits: 32 | 64): string {
  if (Object.is(value, -0)) return '-0';
  if (bits === 64 || !Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}
