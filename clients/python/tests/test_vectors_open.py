"""Every ledger of ``vectors/open`` opens to its files."""

from __future__ import annotations

import base64
import io

import pytest
from test_vectors_verify import export_of, options_of
from vectors import Vector, cases

from medseal.curve import Identity
from medseal.open import open_ledger


@pytest.mark.parametrize("vector", cases("open"))
def test_open(vector: Vector) -> None:
    key = Identity(bytes.fromhex(vector["private_key"]))
    with open_ledger(io.BytesIO(export_of(vector)), key, options=options_of(vector)) as ledger:
        assert ledger.verdict.ok
        found = []
        for dataset in ledger.datasets:
            content, report = dataset.read()
            found.append(
                {"name": dataset.name, "bytes_base64": base64.b64encode(content).decode(), "left": report.left}
            )
    assert found == vector["expect"]["datasets"]
