// The package nodejs-polars, where it is installed; CONTRIBUTING.md says how.

import type { PolarsFrame, PolarsSeries, PolarsType } from '../../src/dataset/typed/polars-frame.js';

/** What tests use of it beside what is used otherwise. */
export interface Frame extends PolarsFrame {
  readonly dtypes: readonly unknown[];
  frameEqual(other: Frame, nullEqual: boolean): boolean;
  toRecords(): Record<string, unknown>[];
}

interface Package {
  readonly Int64: PolarsType;
  readonly Categorical: PolarsType;
  readonly Utf8: PolarsType;
  readonly List: (inner: PolarsType) => PolarsType;
  Datetime(unit: string, zone: string): PolarsType;
  Duration(unit: string): PolarsType;
  DataFrame(columns: Record<string, readonly unknown[] | PolarsSeries>): Frame;
  Series(name: string, values: readonly unknown[], type?: PolarsType): PolarsSeries;
  readParquet(file: Buffer): Frame;
}

async function load(): Promise<Package | null> {
  try {
    const name = 'nodejs-polars';
    return ((await import(name)) as { default: Package }).default;
  } catch {
    return null;
  }
}

const found = await load();

/** Whether tests of frames are left out; where nothing may be skipped, they fail. */
export const withoutPolars: boolean = found === null && process.env.CI !== 'true';
if (withoutPolars)
  console.log('no nodejs-polars (npm install --no-save --save-dev nodejs-polars@0.24.0): tests of frames are skipped');

export const pl = found as Package;
