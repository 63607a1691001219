"""A table whose columns have types as a pandas DataFrame (spec/records.md, "Types")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .csv_form import field_text, split_records
from .manifest import Manifest
from .value_types import TIMESTAMP, Value, read_field

if TYPE_CHECKING:
    import pandas


def typed_dataframe(content: bytes, manifest: Manifest, types: list[str]) -> pandas.DataFrame:
    """The frame of a file; ``types`` are those of its columns, in their order.

    Integers and truth values among which one is missing become pandas' nullable types, so that none is rounded; dates
    become ``datetime64[s]``. Raises ``TYPE_MISMATCH`` for a field that is no value of its column's type.
    """
    import pandas

    header, *records = split_records(content, manifest.delimiter.encode("ascii"))
    names = [field_text(field).decode(manifest.encoding) for field in header.fields]
    columns: dict[str, Any] = {}
    for place, (name, type_name) in enumerate(zip(names, types, strict=True)):
        values = [read_field(type_name, record.fields[place], manifest.encoding) for record in records]
        columns[name] = _array(pandas, type_name, values)
    return pandas.DataFrame(columns)


def _array(pandas: Any, type_name: str, values: list[Value]) -> Any:
    missing = None in values
    if type_name == "boolean":
        return pandas.array(values, dtype="boolean" if missing else "bool")
    if re.match("u?int", type_name):
        nullable = type_name.replace("int", "Int").replace("uI", "UI")
        return pandas.array(values, dtype=nullable if missing else type_name)
    if type_name in ("float32", "float64"):
        return pandas.Series([float("nan") if value is None else value for value in values], dtype=type_name)
    if type_name == "date":
        return _times(pandas, [None if value is None else int(value) * 86400 for value in values], "s")
    if timestamp := TIMESTAMP.match(type_name):
        times = _times(pandas, values, timestamp[1])
        return times.dt.tz_localize("UTC") if timestamp[2] else times
    return pandas.Series(values, dtype="str")


def _times(pandas: Any, values: list[Any], unit: str) -> Any:
    units = pandas.Series([0 if value is None else value for value in values], dtype="int64")
    times = units.astype(f"datetime64[{unit}]")
    return times.mask([value is None for value in values])
