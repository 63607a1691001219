// Fields of columns that have types, and the values that they are.

import { readField } from '../../oracle/types.js';
import type { Vector } from './verify-vector.js';

const INTEGERS = ['', '0', '7', '-7', '007', '+7', ' 7', '7.0', '-0', '1e3', '"7"', 'x'];
const FLOATS = [
  '',
  '0',
  '-0',
  '1',
  '-2.5',
  '0.1',
  '1e+21',
  '1e21',
  '100000000000000000000',
  '1e-7',
  '0.0000001',
  '5e-324',
];
const MORE_FLOATS = [
  '1.0',
  '.5',
  '+1',
  'NaN',
  'nan',
  'Infinity',
  '-Infinity',
  'inf',
  '16777216',
  '3.4028234663852886e+38',
];
const DATES = ['', '1970-01-01', '1969-12-31', '2024-02-29', '2023-02-29', '0000-01-01', '9999-12-31', '+010000-01-01'];
const FAR_DATES = [
  '-000001-12-31',
  '-000000-01-01',
  '+002024-01-01',
  '+275760-09-13',
  '+275760-09-14',
  '-271821-04-20',
];
const TIMES = ['', '1970-01-01T00:00:00', '1969-12-31T23:59:59', '2024-02-29T12:30:45', '2023-02-29T00:00:00'];
const MORE_TIMES = ['9999-12-31T23:59:59', '2024-01-01T24:00:00', '2024-01-01 00:00:00', '2262-04-11T23:47:16'];
const FRACTIONS = { ms: '.123', us: '.123456', ns: '.123456789' };

export function typeVectors(): Vector[] {
  const integers = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'];
  const timestamps = Object.entries(FRACTIONS).flatMap(([unit, fraction]) => [
    { type: `timestamp-${unit}`, fraction, end: '' },
    { type: `timestamp-${unit}-utc`, fraction, end: 'Z' },
  ]);
  return [
    of('text', 'Any text; only a field of no bytes is none.', ['', '""', '"a, ""b"""', 'NA', 'null', ' ', 'é', '1']),
    of('boolean', 'True and false.', ['', 'true', 'false', 'True', '1', '""', '"true"']),
    ...integers.map((type) => of(type, 'Integers that fit.', [...INTEGERS, ...edges(type)])),
    of('float64', 'Floats of 64 bits.', [...FLOATS, ...MORE_FLOATS, '0.30000000000000004', '1.7976931348623157e+308']),
    of('float32', 'Floats of 32 bits.', [...FLOATS, ...MORE_FLOATS, '0.10000000149011612', '3.4028235e+38', '1e-45']),
    of('date', 'Days.', [...DATES, ...FAR_DATES, '2024-1-1', '2024-13-01', '2024-01-01T00:00']),
    ...timestamps.map(({ type, fraction, end }) => {
      const texts = [...TIMES, ...MORE_TIMES].map((text) => (text === '' ? text : text + fraction + end));
      return of(type, 'Dates and times, to the unit.', [
        ...texts,
        `2024-01-01T00:00:00${end}`,
        '2024-01-01T00:00:00.1',
      ]);
    }),
    of('decimal', 'A type that is not known: its fields are texts.', ['', '1.50', '""']),
  ];
}

/** The least and the greatest integer, and those behind them. */
function edges(type: string): string[] {
  const bits = BigInt(type.replace(/\D/g, ''));
  const [least, beyond] = type.startsWith('u') ? [0n, 2n ** bits] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n)];
  return [least, least - 1n, beyond - 1n, beyond].map(String);
}

function of(type: string, description: string, fields: readonly string[]): Vector {
  const content = { description, rule: 'spec/records.md#types', type };
  const expect = { fields: [...new Set(fields)].map((field) => ({ field, ...readField(type, field) })) };
  return { path: `types/${type}`, content: { ...content, expect } };
}
