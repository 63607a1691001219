/**
 * The part of the package `nodejs-polars` that is used here. It is an optional peer, so its own types may not be at hand.
 */
export interface PolarsFrame {
  readonly height: number;
  readonly columns: string[];
  /** The columns, each a `PolarsSeries`. */
  getColumns(): unknown[];
}

export interface PolarsSeries {
  readonly name: string;
  /** Its text names the type: `DataType(Int64)`. */
  readonly dtype: unknown;
  slice(from: number, length: number): PolarsSeries;
  cast(type: PolarsType): PolarsSeries;
  toArray(): unknown[];
}

export type PolarsType = { readonly polarsType: never };

export interface Polars {
  readonly Int32: PolarsType;
  readonly Int64: PolarsType;
  readonly Utf8: PolarsType;
  readParquet(file: Uint8Array): PolarsFrame;
}
