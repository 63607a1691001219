/** pandas' display.precision. */
const DIGITS = 6;
/** Numbers of which one is greater than this are written with an exponent, where that is shorter. */
const LARGE = 1e6;
const SMALL = 1e-6;
const MOST_LENGTH = DIGITS + 6;

/** A float among values of other types, as pandas writes it: with up to six decimals, and a blank where no sign is. */
export function objectFloat(value: number): string {
  const text = fixed(value).replace(/0+$/, '');
  return text.endsWith('.') ? `${text}0` : text;
}

/**
 * The floats of a row that has nothing else, as pandas writes them: all with as many decimals as the one that needs most,
 * or all with an exponent (`FloatArrayFormatter` in `io/formats/format.py`).
 */
export function floatColumn(values: readonly number[]): string[] {
  const texts = trimmedEqually(values.map((value) => (Number.isNaN(value) ? 'NaN' : fixed(value))));
  const sizes = values.map(Math.abs);
  const tooLong = texts.some((text) => text.length > MOST_LENGTH);
  const hasSmall = sizes.some((size) => size > 0 && size < SMALL);
  if (!hasSmall && !(tooLong && sizes.some((size) => size > LARGE))) return texts;
  return values.map((value) => (Number.isNaN(value) ? 'NaN' : scientific(value)));
}

/** Python's `f"{value: .6f}"`. */
function fixed(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : ' inf';
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : ' ';
  // From 2^53 on there is no fraction, and from 1e21 on toFixed would write an exponent.
  return sign + (size >= 2 ** 53 ? `${BigInt(size)}.000000` : fixedBelow(size));
}

/** Python rounds what lies halfway to the even digit; toFixed rounds it up. */
function fixedBelow(size: number): string {
  const parts = size * 128;
  // With six decimals, halfway lie exactly the odd multiples of 1/128.
  if (!Number.isInteger(parts) || parts % 2 === 0) return size.toFixed(DIGITS);
  const twice = BigInt(parts) * 15_625n;
  const below = (twice - 1n) / 2n;
  const digits = String(below + (below % 2n)).padStart(DIGITS + 1, '0');
  return `${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
}

/** Python's `f"{value: .6e}"`. */
function scientific(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : ' inf';
  const [rounded = '', power = '+0'] = toEven(Math.abs(value)).split('e');
  const sign = value < 0 || Object.is(value, -0) ? '-' : ' ';
  return `${sign}${rounded}e${power[0]}${power.slice(1).padStart(2, '0')}`;
}

function toEven(size: number): string {
  const rounded = size.toExponential(DIGITS);
  // Long enough to tell what lies halfway from what lies near it.
  const [exact = ''] = size.toExponential(100).split('e');
  const isHalfway = /^50*$/.test(exact.slice(DIGITS + 2));
  const kept = exact.slice(0, DIGITS + 2);
  return isHalfway && Number(kept.at(-1)) % 2 === 0 ? `${kept}e${size.toExponential(100).split('e')[1]}` : rounded;
}

const WITH_DECIMALS = /^\s*[-+]?[0-9]+\.[0-9]*$/;

/** Takes trailing zeros off all numbers as long as all have one, and leaves one decimal. */
function trimmedEqually(texts: readonly string[]): string[] {
  let trimmed = [...texts];
  const numbers = (): string[] => trimmed.filter((text) => WITH_DECIMALS.test(text));
  while (numbers().length > 0 && numbers().every((text) => text.endsWith('0'))) {
    trimmed = trimmed.map((text) => (WITH_DECIMALS.test(text) ? text.slice(0, -1) : text));
  }
  return trimmed.map((text) => (WITH_DECIMALS.test(text) && text.endsWith('.') ? `${text}0` : text));
}
