"""Exports that were compressed: the same ledger, or refused, never a ledger that does not verify."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from pathlib import Path

import pytest
from conftest import VISITS, Made
from test_reading import vector_of
from test_vectors_verify import export_of, options_of

from medseal import MedsealError, load_key, open_ledger, verify
from medseal.cli import main
from medseal.curve import Identity
from medseal.export import Export

EXPORT = export_of(vector_of("open/owner.json"))
PACKED = gzip.compress(EXPORT)


class Pipe(io.BytesIO):
    """What can be read once only."""

    def seekable(self) -> bool:
        return False


def content_of(source: io.BytesIO | Path) -> list[object]:
    with Export(source) as export:
        items = list(export.items())
        assert export.block(len(items) - 1) == items[-1]
        return list(items)


@pytest.mark.parametrize("packed", [PACKED, gzip.compress(EXPORT[:999]) + gzip.compress(EXPORT[999:])])
def test_what_is_within_is_read(packed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any name"
    path.write_bytes(packed)
    expected = content_of(io.BytesIO(EXPORT))
    for source in (io.BytesIO(packed), Pipe(packed), path):
        assert content_of(source) == expected


def test_it_opens() -> None:
    vector = vector_of("open/owner.json")
    key = Identity(bytes([1]) * 32)
    with (
        open_ledger(io.BytesIO(PACKED), key, options=options_of(vector)) as packed,
        open_ledger(io.BytesIO(EXPORT), key, options=options_of(vector)) as plain,
    ):
        assert [dataset.read() for dataset in packed.datasets] == [dataset.read() for dataset in plain.datasets]


def flipped(at: int) -> bytes:
    return PACKED[:at] + bytes([PACKED[at] ^ 1]) + PACKED[at + 1 :]


@pytest.mark.parametrize(
    ("packed", "code"),
    [
        (PACKED[:-1], "COMPRESSION_INVALID"),
        (PACKED[: len(PACKED) // 2], "COMPRESSION_INVALID"),
        (PACKED[:2], "COMPRESSION_INVALID"),
        (PACKED + b"more", "COMPRESSION_INVALID"),
        (flipped(2), "COMPRESSION_INVALID"),
        (flipped(len(PACKED) // 2), "COMPRESSION_INVALID"),
        (flipped(len(PACKED) - 8), "COMPRESSION_INVALID"),
        (b"\x28\xb5\x2f\xfd" + EXPORT, "COMPRESSION_UNAVAILABLE"),
    ],
)
def test_damage_is_refused(packed: bytes, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MedsealError) as raised:
        verify(io.BytesIO(packed))
    assert raised.value.code == code
    path = tmp_path / "l.ndjson.gz"
    path.write_bytes(packed)
    assert main(["verify", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"{code}: ")


def test_memory_does_not_grow_with_what_is_within() -> None:
    bomb = gzip.compress(b"\n" * (64 << 20))
    tracemalloc.start()
    try:
        with Export(io.BytesIO(bomb)):
            assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_an_export_of_the_command_line(made: Made) -> None:
    made.run("export", "trial.medseal", "-o", "trial.ndjson.gz")
    assert verify(made.path("trial.ndjson.gz")) == verify(made.path("trial.ndjson"))
    made.path("first.ndjson.gz").write_bytes(gzip.compress(made.path("first.ndjson").read_bytes()))
    key = load_key(made.path("owner.key"), "correct horse battery")
    with open_ledger(made.path("first.ndjson.gz"), key) as ledger:
        assert ledger.dataset("visits").read()[0] == VISITS
