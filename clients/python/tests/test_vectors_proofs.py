"""The vectors of what is checked without the ledger: checkpoints, record proofs and erasure certificates."""

from __future__ import annotations

import base64

import pytest
from vectors import Vector, cases

from medseal.certificate import verify_certificate
from medseal.checkpoint import Checkpoint, owner_signed, read_checkpoint
from medseal.errors import MedsealError
from medseal.proof import verify_proof


def given(vector: Vector) -> Checkpoint | None:
    """The checkpoint that the verifier has from elsewhere."""
    return read_checkpoint(vector["checkpoint"].encode()) if "checkpoint" in vector else None


@pytest.mark.parametrize("vector", cases("checkpoint"))
def test_checkpoint(vector: Vector) -> None:
    try:
        checkpoint = read_checkpoint(vector["checkpoint"].encode())
    except MedsealError as error:
        assert {"ok": False, "code": error.code} == vector["expect"]
        return
    found = {
        "ok": True,
        "ledger": checkpoint.ledger.hex(),
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "signed": owner_signed(checkpoint, bytes.fromhex(vector["owner"])),
    }
    assert found == vector["expect"]


@pytest.mark.parametrize("vector", cases("proof"))
def test_proof(vector: Vector) -> None:
    try:
        proven = verify_proof(vector["proof"].encode(), bytes.fromhex(vector["owner"]), given(vector))
    except MedsealError as error:
        assert {"ok": False, "code": error.code} == vector["expect"]
        return
    found = {
        "ok": True,
        "ledger": proven.ledger.hex(),
        "row": proven.record.row,
        "block": proven.block.index,
        "size": proven.size,
        "root": proven.root.hex(),
    }
    if proven.content is not None:
        found["content_base64"] = base64.b64encode(proven.content).decode()
    assert {name: found.get(name) for name in vector["expect"]} == vector["expect"]


@pytest.mark.parametrize("vector", cases("certificate"))
def test_certificate(vector: Vector) -> None:
    try:
        certified = verify_certificate(vector["certificate"].encode(), bytes.fromhex(vector["owner"]), given(vector))
    except MedsealError as error:
        assert {"ok": False, "code": error.code} == vector["expect"]
        return
    certificate = certified.certificate
    found = {
        "ok": True,
        "ledger": certificate.ledger.hex(),
        "at": certificate.at,
        "by": certificate.by.hex(),
        "block": certificate.block.index,
        "size": certified.size,
        "root": certified.root.hex(),
        "records": [erasure.records for erasure in certificate.erasures],
    }
    assert {name: found.get(name) for name in vector["expect"]} == vector["expect"]
