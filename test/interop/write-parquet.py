"""Writes Parquet files of all kinds into a folder, and what they hold: expected.json, column by column."""

import datetime
import decimal
import json
import random
import struct
import sys

import duckdb
import numpy
import polars
import pyarrow
import pyarrow.parquet

ROWS = 1200
folder = sys.argv[1]
choose = random.Random(1)


def sparse(values):
    return [None if i % 7 == 3 else value for i, value in enumerate(values)]


def floats(most, *others):
    return [choose.uniform(-most, most) for _ in range(ROWS - len(others))] + list(others)


ODD = [0.1, -0.0, float("inf"), float("-inf"), float("nan")]
TEXTS = ["", "a", 'x,"y"\n', "Ménière", "NULL", "\ufeffz", "007"]
many = range(ROWS)
columns = {
    "boolean": pyarrow.array(sparse([i % 3 == 0 for i in many])),
    "int8": pyarrow.array(sparse([i % 256 - 128 for i in many]), pyarrow.int8()),
    "int16": pyarrow.array(sparse([i * 13 % 65536 - 32768 for i in many]), pyarrow.int16()),
    "int32": pyarrow.array(sparse([(-1) ** i * (2**31 - 1 - i) for i in many]), pyarrow.int32()),
    "int64": pyarrow.array(sparse([(-1) ** i * (2**63 - 1 - i) for i in many]), pyarrow.int64()),
    "uint8": pyarrow.array(sparse([i % 256 for i in many]), pyarrow.uint8()),
    "uint16": pyarrow.array(sparse([65535 - i for i in many]), pyarrow.uint16()),
    "uint32": pyarrow.array(sparse([2**32 - 1 - i for i in many]), pyarrow.uint32()),
    "uint64": pyarrow.array(sparse([2**64 - 1 - i for i in many]), pyarrow.uint64()),
    "float16": pyarrow.array(sparse([numpy.float16(x) for x in floats(6e4, 6e-8, *ODD)]), pyarrow.float16()),
    "float32": pyarrow.array(sparse(floats(1e10, *ODD)), pyarrow.float32()),
    "float64": pyarrow.array(sparse(floats(1e300, *ODD)), pyarrow.float64()),
    "text": pyarrow.array(sparse([TEXTS[i % len(TEXTS)] for i in many])),
    "category": pyarrow.array(sparse(["xy"[i % 2] for i in many])).dictionary_encode(),
    "date": pyarrow.array(sparse([datetime.date(1600, 1, 1) + datetime.timedelta(days=i * 97) for i in many])),
    "clock_ms": pyarrow.array(sparse([i * 10**10 - 10**12 for i in many]), pyarrow.timestamp("ms")),
    "utc_us": pyarrow.array(sparse([i * 10**12 - 10**14 + i for i in many]), pyarrow.timestamp("us", tz="UTC")),
    "clock_ns": pyarrow.array(sparse([i * 10**15 - 10**17 + i for i in many]), pyarrow.timestamp("ns")),
    "berlin_ns": pyarrow.array(sparse([i * 10**15 + i for i in many]), pyarrow.timestamp("ns", tz="Europe/Berlin")),
    "decimal9": pyarrow.array(sparse([decimal.Decimal(i - 500).scaleb(-2) for i in many]), pyarrow.decimal128(9, 2)),
    "decimal38": pyarrow.array(
        sparse([decimal.Decimal((-1) ** i * (10**30 + i)).scaleb(-10) for i in many]), pyarrow.decimal128(38, 10)
    ),
    "time_ms": pyarrow.array(sparse([i * 34567 % 86400000 for i in many]), pyarrow.time32("ms")),
    "time_us": pyarrow.array(sparse([i * 34567891 % 86400000000 for i in many]), pyarrow.time64("us")),
    "nothing": pyarrow.nulls(ROWS),
}
table = pyarrow.table(columns)

files = {
    "plain": dict(compression="none", use_dictionary=False),
    "snappy": dict(compression="snappy"),
    "zstd": dict(compression="zstd"),
    "gzip": dict(compression="gzip"),
    "brotli": dict(compression="brotli"),
    "lz4": dict(compression="lz4"),
    "pages-v2": dict(compression="zstd", data_page_version="2.0"),
    "pages-v2-plain": dict(compression="none", data_page_version="2.0", use_dictionary=False),
    "small-pages": dict(data_page_size=500, write_batch_size=37, row_group_size=377, write_page_checksum=True),
    "decimal-integers": dict(store_decimal_as_integer=True),
    "differences": dict(
        use_dictionary=False,
        column_encoding={
            **dict.fromkeys(["int8", "int32", "int64", "uint64", "clock_ns"], "DELTA_BINARY_PACKED"),
            **dict.fromkeys(["float32", "float64", "date", "decimal38"], "BYTE_STREAM_SPLIT"),
            "text": "DELTA_BYTE_ARRAY",
            "boolean": "RLE",
        },
    ),
    "lengths": dict(use_dictionary=False, column_encoding={"text": "DELTA_LENGTH_BYTE_ARRAY"}),
}
for name, options in files.items():
    pyarrow.parquet.write_table(table, f"{folder}/{name}.parquet", **options)

old = table.select(["int32", "text", "clock_ns"])
pyarrow.parquet.write_table(old, f"{folder}/int96.parquet", use_deprecated_int96_timestamps=True)
pyarrow.parquet.write_table(table.slice(0, 0), f"{folder}/empty.parquet")
polars.from_arrow(table.drop(["float16", "category", "time_ms", "time_us"])).write_parquet(f"{folder}/polars.parquet")
plain = table.drop(["float16", "category", "berlin_ns", "nothing", "time_ms"])
connection = duckdb.connect()
for version in ["v1", "v2"]:
    target = f"'{folder}/duckdb-{version}.parquet' (format parquet, parquet_version {version})"
    connection.sql(f"copy plain to {target}")

nested = {
    "list": pyarrow.array([[1, 2], [3]]),
    "struct": pyarrow.array([{"x": 1}]),
    "map": pyarrow.array([[("k", 1)]], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
    "bytes": pyarrow.array([b"x"]),
}
for name, values in nested.items():
    pyarrow.parquet.write_table(pyarrow.table({"fine": ["a"] * len(values), name: values}), f"{folder}/refused-{name}.parquet")


def plainly(name, value):
    """A value so that JSON has all of it: a float as the hex of its eight bytes."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if name.startswith("float"):
        return struct.pack(">d", value).hex()
    if name.startswith("time_"):
        return value.isoformat("milliseconds" if name == "time_ms" else "microseconds")
    if name == "date":
        return str((value - datetime.date(1970, 1, 1)).days)
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)


def values_of(name):
    column = table.column(name)
    if pyarrow.types.is_timestamp(column.type):
        column = column.cast(pyarrow.int64())
    return [plainly(name, value) for value in column.to_pylist()]


with open(f"{folder}/expected.json", "w") as file:
    json.dump({name: values_of(name) for name in table.column_names}, file)
