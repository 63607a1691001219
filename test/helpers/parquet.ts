// Parquet files made by hand, also such as no library would write.

export type Field = readonly [id: number, value: FieldValue];
export type FieldValue =
  | { readonly i: number | bigint }
  | { readonly binary: string | Uint8Array }
  | { readonly list: readonly FieldValue[] }
  | { readonly struct: readonly Field[] }
  | { readonly flag: boolean };

const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Thrift's compact protocol. */
export function struct(fields: readonly Field[]): Uint8Array {
  let before = 0;
  const parts = fields.flatMap(([id, value]) => {
    const head = Uint8Array.of(((id - before) << 4) | typeOf(value));
    before = id;
    return 'flag' in value ? [head] : [head, encode(value)];
  });
  return Buffer.concat([...parts, Uint8Array.of(0)]);
}

function typeOf(value: FieldValue): number {
  if ('flag' in value) return value.flag ? 1 : 2;
  return 'i' in value ? I64 : 'binary' in value ? BINARY : 'list' in value ? LIST : STRUCT;
}

function encode(value: FieldValue): Uint8Array {
  if ('i' in value) return varint(BigInt(value.i) >= 0n ? BigInt(value.i) * 2n : -BigInt(value.i) * 2n - 1n);
  if ('binary' in value) {
    const bytes = Buffer.from(value.binary as string);
    return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
  }
  if ('struct' in value) return struct(value.struct);
  if ('flag' in value) return Uint8Array.of(value.flag ? 1 : 2);
  const [first = { i: 0 }] = value.list;
  const head = Buffer.concat([Uint8Array.of(0xf0 | typeOf(first)), varint(BigInt(value.list.length))]);
  return Buffer.concat([head, ...value.list.map(encode)]);
}

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left >>= 7n) {
    const last = left < 128n;
    bytes.push(Number(left & 127n) | (last ? 0 : 128));
    if (last) return Uint8Array.from(bytes);
  }
}

export interface HandMadePage {
  readonly type: number;
  readonly header: readonly Field[];
  readonly body: Uint8Array;
  readonly unpacked?: number;
}

/** A page of values without levels. */
export function dataPage(encoding: number, values: number | bigint, body: Uint8Array): HandMadePage {
  const header: Field = [
    5,
    {
      struct: [
        [1, { i: values }],
        [2, { i: encoding }],
        [3, { i: 3 }],
        [4, { i: 3 }],
      ],
    },
  ];
  return { type: 0, header: [header], body };
}

export function dictionaryPage(values: number, body: Uint8Array): HandMadePage {
  const header: Field = [
    7,
    {
      struct: [
        [1, { i: values }],
        [2, { i: 0 }],
      ],
    },
  ];
  return { type: 2, header: [header], body };
}

export interface HandMade {
  readonly pages: readonly HandMadePage[];
  readonly rows: number | bigint;
  /** Of the column's schema element, by id; the name is "a", no value is missing. */
  readonly element?: readonly Field[];
  readonly codec?: number;
  /** Instead of what describes the file. */
  readonly footer?: Uint8Array;
}

/** A file of one column, "a": of INT64 where nothing else is said. */
export function parquetFile({ pages, rows, element = [[1, { i: 2 }]], codec = 0, footer }: HandMade): Uint8Array {
  const packed = Buffer.concat(
    pages.flatMap(({ type, header, body, unpacked = body.length }) => {
      const sizes: Field[] = [
        [1, { i: type }],
        [2, { i: unpacked }],
        [3, { i: body.length }],
      ];
      return [struct([...sizes, ...header]), body];
    }),
  );
  const required: Field[] = element.some(([id]) => id === 3) ? [] : [[3, { i: 0 }]];
  const column = [...element, ...required, [4, { binary: 'a' }] as const].sort(([a], [b]) => a - b);
  const chunk: Field[] = [
    [1, { i: 2 }],
    [2, { list: [{ i: 0 }] }],
    [3, { list: [{ binary: 'a' }] }],
    [4, { i: codec }],
    [5, { i: rows }],
    [6, { i: packed.length }],
    [7, { i: packed.length }],
    [9, { i: 4 }],
  ];
  const group: Field[] = [
    [
      1,
      {
        list: [
          {
            struct: [
              [2, { i: 4 }],
              [3, { struct: chunk }],
            ],
          },
        ],
      },
    ],
    [2, { i: packed.length }],
    [3, { i: rows }],
  ];
  const schema: FieldValue = {
    list: [
      {
        struct: [
          [4, { binary: 'root' }],
          [5, { i: 1 }],
        ],
      },
      { struct: column },
    ],
  };
  const described =
    footer ??
    struct([
      [1, { i: 2 }],
      [2, schema],
      [3, { i: rows }],
      [4, { list: [{ struct: group }] }],
    ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(described.length);
  return Buffer.concat([Buffer.from('PAR1'), packed, described, length, Buffer.from('PAR1')]);
}

/** INT64 values as they lie in a plain page. */
export function int64s(...values: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeBigInt64LE(value, 8 * i);
  return bytes;
}

/** Texts as they lie in a plain page. */
export function texts(...values: readonly string[]): Uint8Array {
  return Buffer.concat(
    values.flatMap((value) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(value));
      return [length, Buffer.from(value)];
    }),
  );
}
