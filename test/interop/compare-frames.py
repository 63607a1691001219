"""Compares each NAME.parquet and NAME.arrow of a folder with what pandas reads of NAME.csv, cell by cell.

tables.json says of each table its delimiter, encoding, and the columns that are dates or times: those pandas is asked to read.
Prints the differences as JSON: a list of [table, reader, column, row].
"""

import datetime
import json
import math
import pathlib
import sys
import warnings

import duckdb
import pandas
import polars
import pyarrow.feather

folder = pathlib.Path(sys.argv[1])
differences = []


def read_csv(table):
    frame = pandas.read_csv(
        folder / f"{table['name']}.csv",
        sep=table["delimiter"],
        encoding=table["encoding"],
        parse_dates=table["dates"],
        date_format="ISO8601",
        skip_blank_lines=False,
        low_memory=False,
    )
    for column in table["utc"]:
        frame[column] = pandas.to_datetime(frame[column], utc=True, format="ISO8601")
    return frame


def readers(name):
    parquet, arrow = folder / f"{name}.parquet", folder / f"{name}.arrow"
    yield "pandas parquet", columns_of(pandas.read_parquet(parquet))
    yield "pandas arrow", columns_of(pandas.read_feather(arrow))
    lazily = pyarrow.feather.read_table(arrow)
    yield "duckdb parquet", rows_of(duckdb.sql(f"SELECT * FROM '{parquet}'"))
    yield "duckdb arrow", rows_of(duckdb.sql("SELECT * FROM lazily"))
    yield "polars parquet", polars.read_parquet(parquet).to_dict(as_series=False)
    yield "polars arrow", polars.read_ipc(arrow).to_dict(as_series=False)


def columns_of(frame):
    return {name: frame[name].tolist() for name in frame.columns}


def rows_of(relation):
    rows = relation.fetchall()
    return {name: [row[place] for row in rows] for place, name in enumerate(relation.columns)}


def plain(value):
    """A cell as it is compared: a date is its midnight, and a time is in UTC, to the microsecond."""
    if value is None or value is pandas.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pandas.Timestamp):
        value = value.to_pydatetime(warn=False)
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc) if value.tzinfo else value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    return value


def same(a, b):
    a, b = plain(a), plain(b)
    if isinstance(a, bool) != isinstance(b, bool) or (a is None) != (b is None):
        return False
    if isinstance(a, float) or isinstance(b, float):
        return isinstance(a, (int, float)) and isinstance(b, (int, float)) and float(a) == float(b)
    # Whole numbers of more than 64 bits are texts in a file, and objects in pandas.
    return str(a) == b if isinstance(a, int) and isinstance(b, str) else a == b


warnings.simplefilter("ignore", UserWarning)
for table in json.loads((folder / "tables.json").read_text("utf-8")):
    expected = columns_of(read_csv(table))
    for reader, found in readers(table["name"]):
        if list(found) != list(expected):
            differences.append([table["name"], reader, "the columns differ", -1])
            continue
        for column, values in expected.items():
            cells = found[column]
            bad = [row for row, pair in enumerate(zip(values, cells)) if not same(*pair)]
            if len(cells) != len(values) or bad:
                differences.append([table["name"], reader, column, bad[0] if bad else -1])
    types = pandas.read_parquet(folder / f"{table['name']}.parquet").dtypes
    for column, dtype in read_csv(table).dtypes.items():
        # Dates are objects in pandas, and so are truth values with nothing among them; of no rows all columns are.
        if dtype != object and column not in table["dates"] + table["utc"] and types[column] != dtype:
            differences.append([table["name"], f"type {types[column]}, not {dtype}", column, -1])
json.dump(differences, sys.stdout)
