"""What no vector shows: files, bounds, and what a caller is told."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from test_vectors_verify import export_of, options_of
from vectors import CHECKOUT, FOLDER, Vector

import medseal
from medseal import MedsealError, exchange, load_key, open_ledger, verify
from medseal.column_groups import GroupAtHand, RecordAssembler, groups_that_fit
from medseal.curve import Identity
from medseal.export import Export
from medseal.manifest import Manifest
from medseal.typed_frame import typed_dataframe

OWNER = bytes([1]) * 32


def vector_of(path: str) -> Vector:
    vector: Vector = json.loads((FOLDER / path).read_text("utf-8"))
    return vector


def test_versions_are_equal() -> None:
    package = json.loads((CHECKOUT / "package.json").read_text("utf-8"))
    project = tomllib.loads((CHECKOUT / "clients/python/pyproject.toml").read_text("utf-8"))
    assert package["version"] == project["project"]["version"] == medseal.__version__


def test_line_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MAX_LINE", 10)
    items = list(exchange.read_items(io.BytesIO(b"x" * 10 + b"\n" + b"x" * 35 + b"\n" + b"{}\n")))
    assert items == [exchange.Unreadable(code) for code in ("MALFORMED", "TOO_LARGE", "MALFORMED")]


def test_block_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    line = vector_of("open/owner.json")["export"][1].encode() + b"\n"
    assert isinstance(exchange.read_item(line), exchange.Block)
    monkeypatch.setattr(exchange, "MAX_BLOCK", 50)
    assert exchange.read_item(line) == exchange.Unreadable("TOO_LARGE")


def test_export_that_changes_after_it_was_verified() -> None:
    vector = vector_of("open/owner.json")
    file = io.BytesIO(export_of(vector))
    with open_ledger(file, Identity(OWNER), options=options_of(vector)) as ledger:
        file.seek(file.getvalue().rindex(b'"body":"') + 10)
        file.write(b"!")
        with pytest.raises(MedsealError) as raised:
            ledger.datasets[-1].read()
    assert raised.value.code == "LEDGER_INVALID"


def test_stream_that_cannot_be_gone_through_twice() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    vector = vector_of("open/owner.json")
    with Export(Pipe(export_of(vector))) as export:
        assert len(list(export.items())) == len(list(export.items())) == len(vector["export"])


def test_pins_are_hex() -> None:
    with pytest.raises(MedsealError) as raised:
        verify(io.BytesIO(b""), owner="abc")
    assert raised.value.code == "PIN_INVALID"


def test_key_file_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "owner.key"
    path.write_text(json.dumps(vector_of("keys/identity-owner.json")["expect"]["jwk"]))
    path.chmod(0o640)
    with pytest.raises(MedsealError) as raised:
        load_key(path)
    assert raised.value.code == "KEY_FILE_EXPOSED"
    path.chmod(0o600)
    assert load_key(path).public_key == Identity(OWNER).public_key


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_what_is_no_key_file_need_not_be_hidden(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "trial.medseal"
    path.write_bytes(b"SQLite format 3\0" + bytes(100))
    path.chmod(mode)
    with pytest.raises(MedsealError) as raised:
        load_key(path)
    assert raised.value.code == "KEY_FILE_INVALID"


@pytest.mark.parametrize("read", [lambda path: path, lambda path: io.BytesIO(path.read_bytes())])
def test_a_ledgers_own_file_is_to_be_exported(tmp_path: Path, read: Callable[[Path], Path | io.BytesIO]) -> None:
    path = tmp_path / "trial.medseal"
    path.write_bytes(b"SQLite format 3\0" + bytes(100))
    for judge in (lambda: verify(read(path)), lambda: open_ledger(read(path), Identity(OWNER))):
        with pytest.raises(MedsealError, match="medseal export") as raised:
            judge()
        assert raised.value.code == "NOT_A_LEDGER"


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    vector = vector_of("open/owner.json")
    with open_ledger(io.BytesIO(export_of(vector)), Identity(OWNER), options=options_of(vector)) as ledger:
        with pytest.raises(MedsealError) as raised:
            ledger.dataset("visit")
        names = [str(dataset.name) for dataset in ledger.datasets]
    assert raised.value.code == "DATASET_NOT_FOUND"
    assert names and all(name in str(raised.value) for name in names)


def test_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    vector = vector_of("open/owner.json")
    with (
        open_ledger(io.BytesIO(export_of(vector)), Identity(OWNER), options=options_of(vector)) as ledger,
        pytest.raises(MedsealError) as raised,
    ):
        ledger.datasets[0].to_dataframe()
    assert raised.value.code == "PANDAS_MISSING"


# Types (spec/records.md, "Types")


def test_a_table_with_types_is_a_frame_of_them() -> None:
    vector = vector_of("open/typed.json")
    with open_ledger(io.BytesIO(export_of(vector)), Identity(OWNER), options=options_of(vector)) as ledger:
        frame = ledger.datasets[0].to_dataframe()
        texts = ledger.datasets[0].to_dataframe(dtype="str", keep_default_na=False)
    assert frame.dtypes.astype(str).to_dict() == {"dose": "float64", "drug": "str", "given": "datetime64[s]"}
    assert frame["dose"].tolist()[0] == 1.5 and frame["dose"].isna().tolist() == [False, True, False]
    assert frame["drug"].isna().tolist() == [False, True, False] and frame["drug"][2] == ""
    assert frame["given"].dt.strftime("%Y-%m-%d").fillna("none").tolist() == ["2024-02-29", "none", "1970-01-01"]
    assert texts["given"].tolist() == ["2024-02-29", "", "1970-01-01"]


@pytest.mark.parametrize(
    ("type_name", "fields", "dtype", "values"),
    [
        ("int64", ["9223372036854775807", "-1"], "int64", [2**63 - 1, -1]),
        ("int64", ["9223372036854775807", ""], "Int64", [2**63 - 1, None]),
        ("uint8", ["255", ""], "UInt8", [255, None]),
        ("uint64", ["18446744073709551615"], "uint64", [2**64 - 1]),
        ("boolean", ["true", "false"], "bool", [True, False]),
        ("boolean", ["true", ""], "boolean", [True, None]),
        ("float32", ["0.1", ""], "float32", [pytest.approx(0.1), None]),
        ("timestamp-ms", ["1970-01-01T00:00:01.500"], "datetime64[ms]", [datetime(1970, 1, 1, 0, 0, 1, 500_000)]),
        ("timestamp-us-utc", ["1970-01-01T00:00:01.500000Z", ""], "datetime64[us, UTC]", None),
        ("text", ["", '""', "NA"], "str", [None, "", "NA"]),
        ("decimal", ["1.50"], "str", ["1.50"]),
    ],
)
def test_every_type_is_one_of_pandas(
    type_name: str, fields: list[str], dtype: str, values: list[object] | None
) -> None:
    manifest = Manifest("n", "all", "text/csv", "utf-8", ",", "\n", ((0, "a"),), (type_name,))
    column = typed_dataframe("".join(f"{field}\n" for field in ["a", *fields]).encode(), manifest, [type_name])["a"]
    assert str(column.dtype) == dtype
    if values is not None:
        assert [None if missing else value for value, missing in zip(column, column.isna(), strict=True)] == values


def test_bundle_as_frame() -> None:
    pytest.importorskip("pandas")
    vector = vector_of("open/fhir-bundle.json")
    with open_ledger(io.BytesIO(export_of(vector)), Identity(OWNER), options=options_of(vector)) as ledger:
        frame = ledger.datasets[0].to_dataframe()
    assert frame.to_dict("records") == [{"resourceType": "Basic"}]


# Column groups (spec/records.md, "Column groups")


def group(name: str, columns: dict[int, str], header: bytes, **other: str) -> GroupAtHand:
    form = {"media_type": "text/csv", "encoding": "utf-8", "delimiter": ",", "terminator": "\r\n", **other}
    return GroupAtHand(Manifest("visits", name, **form, columns=tuple(columns.items()), types=(), head=None), header)


OUTER = group("outer", {0: "id", 2: "b", 3: "c"}, b"\xef\xbb\xbfid,b,c\r\n")
INNER = group("inner", {1: "name"}, b"name")


def test_record_of_all_its_groups() -> None:
    assembler = RecordAssembler({0: OUTER, 1: INNER}, 2)
    assert assembler.header() == b"\xef\xbb\xbfid,name,b,c\r\n"
    assert assembler.assemble({0: b"P1,x,1\r\n", 1: b'"Ada, C"'}) == b'P1,"Ada, C",x,1\r\n'
    assert assembler.assemble({0: b"P2,y,", 1: b""}) == b"P2,,y,"


def test_record_of_some_of_its_groups() -> None:
    both, inner = RecordAssembler({0: OUTER, 1: INNER}, 2), RecordAssembler({1: INNER}, 2)
    assert inner.header() == b"name\r\n"
    assert inner.assemble({1: b'"Ada, C"'}) == b'"Ada, C"\r\n'
    assert both.assemble({0: None, 1: b"Ada"}) == b",Ada,,\r\n"
    assert both.assemble({0: b"P1,x,1\n", 1: None}) == b"P1,,x,1\n"
    assert both.assemble({0: None, 1: None}) is None


@pytest.mark.parametrize(
    "parts",
    [
        {0: b"P1,x\r\n", 1: b"Ada"},
        {0: b"P1,x,1\r\nP2,y,2\r\n", 1: b"Ada"},
        {0: b"P1,x,1\r\n", 1: b"Ada\r\n"},
        {0: b"P1,x,1\r\n", 1: b'"Ada'},
        {0: b"", 1: b"Ada"},
    ],
)
def test_record_whose_parts_do_not_fit(parts: dict[int, bytes | None]) -> None:
    assert RecordAssembler({0: OUTER, 1: INNER}, 2).assemble(parts) is None


def test_groups_that_do_not_fit_are_left_out() -> None:
    groups = {
        0: group("none", {}, b""),
        1: OUTER,
        2: group("another delimiter", {4: "d"}, b"d", delimiter=";"),
        3: group("a column again", {3: "c", 4: "d"}, b"c,d"),
        4: group("descending", {6: "f", 5: "e"}, b"f,e"),
        5: INNER,
    }
    assert groups_that_fit(groups) == {1: OUTER, 5: INNER}


@pytest.mark.parametrize("quick", [False, True])
def test_lines_without_end(quick: bool) -> None:
    vector = vector_of("open/owner.json")
    first, second, *_ = vector["export"]
    lines = f"{first}\n" + "\n" * 100_005 + f"{second}\n"
    verdict = verify(io.BytesIO(lines.encode()), owner=json.loads(first)["signer"], quick=quick)
    ends = [notice.block for notice in verdict.notices if notice.code == "REST_UNREAD"]
    assert (verdict.ok, verdict.undecided, verdict.blocks, ends) == (False, False, 100_001, [100_001])
