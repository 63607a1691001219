import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { floatText } from '../typed/numbers.js';
import { valueWriter } from '../typed/texts.js';
import type { DuckDB } from './engine.js';
import type { QueryValue } from './values.js';

const dateText = valueWriter('date');
const millisecondsText = valueWriter('timestamp-ms');
const microsecondsText = valueWriter('timestamp-us');
const utcText = valueWriter('timestamp-us-utc');
const nanosecondsText = valueWriter('timestamp-ns');

/** How the values of a column come from the engine. */
export function valueReader(duckdb: DuckDB): (value: DuckDBValue, type: DuckDBType) => QueryValue {
  const read = (value: DuckDBValue, type: DuckDBType): QueryValue => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    // The float of 64 bits with the same text as that of 32.
    if (typeof value === 'number') return type === duckdb.FLOAT ? Number(floatText(value, 32)) : value;
    return readNested(value, type) ?? timeOf(value) ?? String(value);
  };
  const readNested = (value: Exclude<DuckDBValue, null>, type: DuckDBType): QueryValue => {
    if (value instanceof duckdb.DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
    if (value instanceof duckdb.DuckDBUnionValue) return read(value.value, memberOf(type, value.tag));
    if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue) {
      const { valueType = type } = type as { valueType?: DuckDBType };
      return value.items.map((item) => read(item, valueType));
    }
    if (value instanceof duckdb.DuckDBStructValue) {
      // In the order of the type: an object has members that are named like numbers first.
      const { entryNames = Object.keys(value.entries) } = type as { entryNames?: readonly string[] };
      return new Map(entryNames.map((name) => [name, read(value.entries[name] ?? null, memberOf(type, name))]));
    }
    if (value instanceof duckdb.DuckDBMapValue) {
      const { keyType = type, valueType = type } = type as { keyType?: DuckDBType; valueType?: DuckDBType };
      return value.entries.map((entry) => {
        const members: [string, QueryValue][] = [
          ['key', read(entry.key, keyType)],
          ['value', read(entry.value, valueType)],
        ];
        return new Map(members);
      });
    }
    return null;
  };
  const timeOf = (value: Exclude<DuckDBValue, null>): string | null => {
    if (typeof value === 'object' && 'isFinite' in value && !value.isFinite) return infinityText(value);
    if (value instanceof duckdb.DuckDBDateValue) return dateText(value.days);
    if (value instanceof duckdb.DuckDBTimestampSecondsValue) return millisecondsText(value.seconds * 1000n);
    if (value instanceof duckdb.DuckDBTimestampValue) return microsecondsText(value.micros);
    if (value instanceof duckdb.DuckDBTimestampTZValue) return utcText(value.micros);
    if (value instanceof duckdb.DuckDBTimestampMillisecondsValue) return millisecondsText(value.millis);
    if (value instanceof duckdb.DuckDBTimestampNanosecondsValue) return nanosecondsText(value.nanos);
    return null;
  };
  return read;
}

/** Of a date or a time that is before or behind all others. */
function infinityText(value: object): string {
  const isBefore = Object.values(value).some(
    (part) => (typeof part === 'number' || typeof part === 'bigint') && part < 0,
  );
  return isBefore ? '-infinity' : 'infinity';
}

/** The type of a part by its name. */
function memberOf(type: DuckDBType, name: string): DuckDBType {
  const {
    entryNames = [],
    memberTags = [],
    entryTypes,
    memberTypes,
  } = type as {
    entryNames?: readonly string[];
    memberTags?: readonly string[];
    entryTypes?: readonly DuckDBType[];
    memberTypes?: readonly DuckDBType[];
  };
  return entryTypes?.[entryNames.indexOf(name)] ?? memberTypes?.[memberTags.indexOf(name)] ?? type;
}
