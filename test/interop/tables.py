"""pandas' and DuckDB's own: a CSV file as a Parquet file, whether two of these are one frame, and what SQL says of a CSV file."""

import json
import sys

import duckdb
import pandas


def write(csv: str, parquet: str, delimiter: str, compression: str) -> None:
    pandas.read_csv(csv, sep=delimiter).to_parquet(parquet, compression=None if compression == "none" else compression)


def equal(one: str, other: str) -> None:
    pandas.testing.assert_frame_equal(pandas.read_parquet(one), pandas.read_parquet(other))


def query(csv: str, delimiter: str, *statements: str) -> None:
    reviews = pandas.read_csv(csv, sep=delimiter)
    connection = duckdb.connect()
    connection.register("reviews", reviews)
    print(json.dumps([connection.sql(statement).fetchall() for statement in statements]))


{"write": write, "equal": equal, "query": query}[sys.argv[1]](*sys.argv[2:])
