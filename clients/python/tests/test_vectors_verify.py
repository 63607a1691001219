"""Every ledger of ``vectors/verify`` and ``vectors/store`` gets its verdict."""

from __future__ import annotations

import base64
import io
from dataclasses import asdict
from typing import Any

import pytest
from vectors import Vector, cases

from medseal.checkpoint import read_checkpoint
from medseal.encoding import parse_time
from medseal.exchange import Block, Item, read_items
from medseal.records import SealedRecord
from medseal.verifier import Options
from medseal.verify import verify_items


def export_of(vector: Vector) -> bytes:
    if "export_base64" in vector:
        return base64.b64decode(vector["export_base64"])
    return "".join(f"{line}\n" for line in vector["export"]).encode()


def options_of(vector: Vector) -> Options:
    def pinned(name: str) -> bytes | None:
        return bytes.fromhex(vector[name]) if name in vector else None

    now = parse_time(vector["now"])
    assert now is not None
    checkpoint = read_checkpoint(vector["checkpoint"].encode()) if "checkpoint" in vector else None
    return Options(
        now=now,
        owner=pinned("owner"),
        ledger=pinned("ledger"),
        checkpoint=checkpoint,
        without_bodies=vector.get("withoutBodies", False),
        quick=vector.get("quick", False),
    )


def verdict_of(items: list[Item], options: Options, members: dict[str, Any]) -> dict[str, Any]:
    verdict = asdict(verify_items(lambda: items, options)[0])
    verdict["notices"].sort(key=lambda notice: notice["code"])
    return {name: verdict[name] for name in members}


@pytest.mark.parametrize("vector", cases("verify"))
def test_verify(vector: Vector) -> None:
    expected = vector["expect"]
    expected["notices"].sort(key=lambda notice: notice["code"])
    if not any(name == "anchor" for name in expected):
        expected["anchor"] = None
    items = list(read_items(io.BytesIO(export_of(vector))))
    assert verdict_of(items, options_of(vector), expected) == expected


def damaged(items: list[Item], damage: list[dict[str, Any]]) -> list[Item]:
    """The ledger as a store holds it that has lost or changed what lies beside its entries."""
    by_index = {item.header.index: item for item in items if isinstance(item, Block)}
    for each in damage:
        entries = by_index[each["block"]].entries
        record = entries[each["entry"]]
        assert isinstance(record, SealedRecord)
        parts = {"salt": record.salt, "body": record.body}
        for part in parts.keys() & each.keys():
            parts[part] = None if each[part] is None else base64.b64decode(each[part])
        entries[each["entry"]] = SealedRecord(record.entry, parts["salt"], parts["body"])
    return items


@pytest.mark.parametrize("vector", cases("store"))
def test_store(vector: Vector) -> None:
    items = damaged(list(read_items(io.BytesIO(export_of(vector)))), vector["damage"])
    assert verdict_of(items, options_of(vector), vector["expect"]) == vector["expect"]
