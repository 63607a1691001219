"""The vectors of the checkout, as parameters of tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
FOLDER = CHECKOUT / "vectors"

Vector = dict[str, Any]


def cases(folder: str, prefix: str = "") -> list[Any]:
    """One case a file of the folder whose name begins with ``prefix``; there must be some."""
    files = sorted((FOLDER / folder).glob(f"{prefix}*.json"))
    assert files, f"no vectors in {folder}"
    return [pytest.param(json.loads(file.read_text("utf-8")), id=file.stem) for file in files]
