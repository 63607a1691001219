import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sampleReviews } from '../../../src/dataset/sample.js';

interface Field {
  /** The bytes between the delimiters, quotes included. */
  raw: string;
  value: string;
}

/** A strict RFC 4180 reader with LF record ends, independent of the product's own: it throws on anything malformed. */
function parse(text: string): Field[][] {
  const records: Field[][] = [];
  let record: Field[] = [];
  let at = 0;
  while (at < text.length) {
    const field = /"(?:[^"]|"")*"|[^",\r\n]*/y;
    field.lastIndex = at;
    const raw = field.exec(text)?.[0] ?? '';
    at += raw.length;
    record.push({ raw, value: raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw });
    const end = text[at++];
    if (end === '\n') {
      records.push(record);
      record = [];
    } else if (end !== ',') {
      throw new Error(`malformed or unterminated record at offset ${at - 1}`);
    }
  }
  if (record.length > 0) throw new Error('the last record is not terminated');
  return records;
}

const text = sampleReviews();
const [header = [], ...records] = parse(text);
const fields = records.flat();
const count = (test: (field: Field) => boolean): number => fields.filter(test).length;
const column = (name: string): string[] => {
  const index = header.findIndex((field) => field.value === name);
  return records.map((record) => record[index]?.value ?? '');
};

describe('sampleReviews', () => {
  it('is the same bytes everywhere', () => {
    expect(sampleReviews()).toBe(text);
    expect(createHash('sha256').update(text, 'utf8').digest('hex')).toBe(
      '6883d350e667a8a12266fa0b16286344d3cd69954cdcce3f019d8ec35e9c9c86',
    );
    // UTF-8 loses nothing: no lone surrogates.
    expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
  });

  it('depends on the seed, and a shorter file is a prefix of a longer one', () => {
    expect(sampleReviews({ seed: 1 })).not.toBe(text);
    expect(sampleReviews({ seed: 1 })).toBe(sampleReviews({ seed: 1, records: 300 }));
    expect(text.startsWith(sampleReviews({ records: 40 }))).toBe(true);
  });

  it('has the header, the requested number of records and nine fields in each', () => {
    expect(text.split('\n', 1)[0]).toBe(
      'id,drugName,rating,effectiveness,sideEffects,condition,benefitsReview,sideEffectsReview,commentsReview',
    );
    expect(records).toHaveLength(300);
    expect(records.every((record) => record.length === 9)).toBe(true);
    for (const wanted of [0, 1, 7, 1000]) {
      const parsed = parse(sampleReviews({ records: wanted, seed: wanted }));
      expect(parsed).toHaveLength(wanted + 1);
      expect(parsed.every((record) => record.length === 9)).toBe(true);
    }
  });

  it('refuses a record count that is not a count', () => {
    for (const bad of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => sampleReviews({ records: bad })).toThrow(RangeError);
    }
  });

  it.each<[string, number, (field: Field) => boolean]>([
    ['a comma in a quoted field', 300, ({ value }) => value.includes(',')],
    ['a doubled quote', 100, ({ raw }) => raw.slice(1, -1).includes('""')],
    ['a doubled quote right after the opening one', 5, ({ raw }) => raw.startsWith('"""')],
    ['LF in a quoted field', 60, ({ value }) => /(?<!\r)\n/.test(value)],
    ['CRLF in a quoted field', 10, ({ value }) => value.includes('\r\n')],
    ['an empty line in a quoted field', 15, ({ value }) => value.includes('\n\n')],
    ['an empty field, bare', 20, ({ raw }) => raw === ''],
    ['an empty field, quoted', 20, ({ raw }) => raw === '""'],
    ['a field quoted needlessly', 100, ({ raw }) => /^"[^",\r\n]+"$/.test(raw)],
    ['a plain field', 1000, ({ raw }) => /^[^"]+$/.test(raw)],
    ['a leading space', 15, ({ value }) => /^ /.test(value)],
    ['a trailing space', 15, ({ value }) => / $/.test(value)],
    ['an outer space without quotes', 5, ({ raw }) => /^ | $/.test(raw)],
    ['a review over 1,500 characters', 10, ({ value }) => value.length > 1500],
    ['accented Latin', 80, ({ value }) => /[äéèíñöüÀ]/.test(value)],
    ['a combining accent', 5, ({ value }) => value.includes('e\u0301')],
    ['a no-break space', 5, ({ value }) => value.includes('\u00a0')],
    ['the micro sign', 10, ({ value }) => value.includes('\u00b5g')],
    ['Greek mu as micro', 5, ({ value }) => value.includes('\u03bcg')],
    ['a degree sign', 10, ({ value }) => value.includes('°C')],
    ['a greater-or-equal sign', 15, ({ value }) => value.includes('≥')],
    ['Greek', 5, ({ value }) => /\p{Script=Greek}{3}/u.test(value)],
    ['Japanese', 5, ({ value }) => /\p{Script=Hiragana}/u.test(value)],
    ['Arabic', 5, ({ value }) => /\p{Script=Arabic}/u.test(value)],
    ['an emoji outside the BMP', 30, ({ value }) => /[\u{1f300}-\u{1faff}]/u.test(value)],
    ['a joined emoji', 5, ({ value }) => value.includes('\u200d')],
  ])('has %s at least %i times', (_what, least, test) => {
    expect(count(test)).toBeGreaterThanOrEqual(least);
  });

  it('fills every template', () => {
    expect(text).not.toMatch(/[{}]|undefined|NaN/);
  });

  it('has unique ids, and ratings that agree with the labels and the words', () => {
    expect(new Set(column('id')).size).toBe(300);
    const effectiveness = column('effectiveness');
    const sideEffects = column('sideEffects');
    const comments = column('commentsReview');
    const ratings = column('rating').map(Number);
    expect(new Set(ratings)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(new Set(effectiveness).size).toBe(5);
    expect(new Set(sideEffects).size).toBe(5);
    for (const [index, rating] of ratings.entries()) {
      if (rating >= 7) expect(effectiveness[index]).toMatch(/^(Considerably|Highly) Effective$/);
      if (rating >= 7) expect(sideEffects[index]).toMatch(/^(No|Mild|Moderate) Side Effects$/);
      if (rating >= 7) expect(comments[index]).not.toMatch(/not take|disappointment|stopped after/);
      if (rating <= 3) expect(comments[index]).not.toMatch(/happy|recommend|Would take it again/);
      if (effectiveness[index] === 'Ineffective') expect(rating).toBeLessThanOrEqual(2);
    }
  });
});
