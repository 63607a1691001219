import type { BenchResult, Figure, TargetResult, Unit } from '../bench/result.js';
import { bad, bold, count, dim, good, printable } from './terminal.js';

/** All that was measured, as one table; then the targets, and what has to be known of both. */
export function benchText({ machine, figures, targets, notes, quick, seconds }: BenchResult): string {
  const { cpu, cores, memory, system, node, openssl } = machine;
  const title = `${cpu}, ${count(cores, 'core')}, ${Math.round(memory / 1e9)} GB; ${system}; Node.js ${node}, OpenSSL ${openssl}`;
  const remarks = quick ? [...notes, 'a quick run, on little data: to look at, not to be quoted'] : notes;
  return [
    title,
    '',
    figureTable(figures),
    '',
    targetTable(targets),
    '',
    ...remarks.map((note) => `${dim('note')}  ${note}`),
    `${dim('note')}  measured in ${count(Math.round(seconds), 'second')}`,
  ].join('\n');
}

const HEADINGS = ['', 'records', 'median', 'least – most', 'limit', 'of it', 'memory', 'against'];

function figureTable(figures: readonly Figure[]): string {
  const rows: string[][] = [HEADINGS];
  let group = '';
  for (const figure of figures) {
    const heading = figure.group;
    if (heading !== group) rows.push([heading]);
    group = heading;
    rows.push(figureRow(figure));
  }
  return aligned(rows);
}

function figureRow({ what, records, unit, summary, failure, peakBytes, comparisons }: Figure): string[] {
  const name = `  ${what}`;
  const size = records === null ? '' : count(records);
  if (summary === null) return [name, size, bad(`failed: ${printable(failure ?? 'not measured')}`)];
  const limit = comparisons.find((comparison) => comparison.with === 'limit');
  const others = comparisons.filter((comparison) => comparison.with !== 'limit');
  const { least, median, most, runs } = summary;
  return [
    name,
    size,
    valueText(median, unit),
    runs.length === 1 ? 'one run' : `${number(least, unit)} – ${number(most, unit)}`,
    limit === undefined ? '' : valueText(limit.value, unit),
    limit === undefined ? '' : significant(limit.times.median),
    peakBytes === null ? '' : `${Math.round(peakBytes / 1e6)} MB`,
    others.map((other) => `${significant(other.times.median)} × ${other.what}`).join(', '),
  ];
}

/** The first and the last column begin at the left, the others end at the right. A row of less is not aligned with. */
function aligned(rows: readonly string[][]): string {
  const whole = rows.filter((row) => row.length === HEADINGS.length);
  const widths = HEADINGS.map((_, i) => Math.max(...whole.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) =>
        i === 0 || i === HEADINGS.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows
    .map((row, i) => (i === 0 ? dim(line(row)) : row.length === 1 ? bold(row[0] ?? '') : line(row)))
    .join('\n');
}

function targetTable(targets: readonly TargetResult[]): string {
  const width = Math.max(...targets.map(({ what }) => what.length));
  const lines = targets.map(({ what, bound, value, unit, reached, met }) => {
    const said = reached === null ? dim('not measured') : met ? good('reached') : bad('missed');
    const text = (amount: number): string => `${number(amount, unit)} ${unit}`.trimEnd();
    const target = `${bound} ${text(value)}`;
    return `  ${what.padEnd(width)}  ${target.padEnd(25)}  ${(reached === null ? '' : text(reached)).padStart(17)}  ${said}`;
  });
  return [bold('targets'), ...lines].join('\n');
}

/** A value with its unit, in a few characters. */
function valueText(value: number, unit: Unit): string {
  switch (unit) {
    case 'hashes/s':
      return `${number(value, unit)} M/s`;
    case 'bytes/s':
      return `${number(value, unit)} GB/s`;
    case 'checks/s':
    case 'records/s':
    case 'blocks/s':
      return `${number(value, unit)}/s`;
    case 'ms':
    case 'bytes':
      return `${number(value, unit)} ${unit}`;
    case 'of the CSV':
      return `${number(value, unit)} ×`;
  }
}

const SCALES: Readonly<Record<string, number>> = { 'hashes/s': 1e6, 'bytes/s': 1e9 };

function number(value: number, unit: string): string {
  return significant(value / (SCALES[unit] ?? 1));
}

/** Three significant digits, as many as there may be some truth in; whole numbers whole. */
function significant(value: number): string {
  if (value >= 100) return count(Math.round(value));
  return value.toPrecision(3).replace(/\.?0+$/, '');
}
