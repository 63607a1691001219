import { reprFloat } from './repr-float.js';
import { isList, isMap, type PythonValue } from './value.js';

/**
 * What Python's `json.dumps(value, sort_keys=True)` gives: ASCII, names in the order of their code points, ", " and ": "
 * between what it joins. The notebook hashes its blocks in this form.
 */
export function dumpPythonJson(value: PythonValue): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return dumpString(value);
  if (typeof value === 'number') return dumpFloat(value);
  if (isList(value)) return `[${value.map(dumpPythonJson).join(', ')}]`;
  if (!isMap(value)) throw new TypeError('no JSON value');
  const names = [...value.keys()].sort(byCodePoints);
  return `{${names.map((name) => `${dumpString(name)}: ${dumpPythonJson(value.get(name) ?? null)}`).join(', ')}}`;
}

/** `JSON.stringify` escapes as Python does what ASCII text needs, and lone surrogates; all else beyond "~" is added. */
function dumpString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function dumpFloat(value: number): string {
  if (Number.isFinite(value)) return reprFloat(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** JavaScript compares UTF-16 units, by which U+FFFF comes behind U+10000. */
function byCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [i, character] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const difference = (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
