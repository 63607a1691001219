import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTimestamp, latestAccepted, timestampOf } from '../../../src/format/timestamp.js';

test.each([
  '2025-03-01T12:00:00.000Z',
  '2024-02-29T23:59:59.999Z',
  '0000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
])('%s is a time', (text) => {
  expect(isTimestamp(text)).toBe(true);
});

test.each([
  '2025-02-29T00:00:00.000Z',
  '2025-02-30T00:00:00.000Z',
  '2025-13-01T00:00:00.000Z',
  '2025-00-01T00:00:00.000Z',
  '2025-03-00T00:00:00.000Z',
  '2025-03-01T24:00:00.000Z',
  '2025-03-01T12:60:00.000Z',
  '2025-03-01T12:00:60.000Z',
  '2025-03-01T12:00:00Z',
  '2025-03-01T12:00:00.00Z',
  '2025-03-01T12:00:00.0000Z',
  '2025-03-01T12:00:00.000',
  '2025-03-01T12:00:00.000z',
  '2025-03-01t12:00:00.000Z',
  '2025-03-01 12:00:00.000Z',
  '2025-03-01T12:00:00.000+00:00',
  '2025-03-01T12:00:00,000Z',
  '25-03-01T12:00:00.000Z',
  '+002025-03-01T12:00:00.000Z',
  '+012025-03-01T12:00:00.000Z',
  '-000001-01-01T00:00:00.000Z',
  ' 2025-03-01T12:00:00.000Z',
  '2025-03-01T12:00:00.000Z\n',
  '٢025-03-01T12:00:00.000Z',
  '',
  0,
  null,
])('%j is none', (text) => {
  expect(isTimestamp(text)).toBe(false);
});

test('every time is written as one, and in the order of time', () => {
  const dates = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(dates, dates, (a, b) => {
      expect(isTimestamp(timestampOf(a))).toBe(true);
      expect(timestampOf(a) < timestampOf(b)).toBe(a.getTime() < b.getTime());
    }),
  );
});

test('a block may be five minutes ahead', () => {
  expect(latestAccepted(new Date('2025-03-01T12:00:00.000Z'))).toBe('2025-03-01T12:05:00.000Z');
});
