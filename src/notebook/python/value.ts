/**
 * A JSON value as Python holds it: a whole number of any size is a bigint and a float is a number, so that 1 and 1.0 stay
 * two things; an object is a map, in which the last of two equal names counts.
 */
export type PythonValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | readonly PythonValue[]
  | ReadonlyMap<string, PythonValue>;

export function isMap(value: PythonValue | undefined): value is ReadonlyMap<string, PythonValue> {
  return value instanceof Map;
}

export function isList(value: PythonValue | undefined): value is readonly PythonValue[] {
  return Array.isArray(value);
}
