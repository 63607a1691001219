const NUMBER = /^[ \t\n\v\f\r]*([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?)([0-9]{1,17}))?[ \t\n\v\f\r]*$/;
const INFINITE = /^([-+]?)inf(?:inity)?$/i;
/** More digits are only counted. */
const MOST_DIGITS = 17;
const MOST_POWER = 308;

/**
 * The number that `read_csv` makes of a field, or null where it is none. It is not always the nearest double: pandas adds
 * up 17 digits and then scales by one power of ten (`precise_xstrtod` in `_libs/src/parser/tokenizer.c`).
 */
export function parseFloatAsPandas(field: string): number | null {
  const infinite = INFINITE.exec(field);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const [all, sign, whole = '', fraction = '', powerSign, power = ''] = NUMBER.exec(field) ?? [];
  if (all === undefined || whole.length + fraction.length === 0) return null;
  const kept = (whole + fraction).slice(0, MOST_DIGITS);
  let number = 0;
  for (const digit of kept) number = number * 10 + Number(digit);
  const written = Number(power);
  const exponent = whole.length - kept.length + (powerSign === '-' ? -written : written);
  if (exponent > MOST_POWER) return null;
  number = scaled(number, exponent);
  if (number === Number.POSITIVE_INFINITY) return null;
  return sign === '-' ? -number : number;
}

function scaled(number: number, exponent: number): number {
  if (exponent > 0) return number * Number(`1e${exponent}`);
  if (exponent < -MOST_POWER) return number / Number(`1e${-MOST_POWER - exponent}`) / 1e308;
  return number / Number(`1e${-exponent}`);
}
