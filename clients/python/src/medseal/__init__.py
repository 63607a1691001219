"""Reads ledgers of Medseal that were exported: verifies them with public keys alone, and opens them with a key file.

Written from the format's specification (``spec/``), and from nothing else, so that its verdict is a second opinion.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from .certificate import Certified, verify_certificate
from .checkpoint import Checkpoint, read_checkpoint
from .curve import Identity
from .dataset import OpenDataSet, Report
from .errors import MedsealError
from .export import Export
from .key_file import load_key, read_key
from .open import Ledger, open_ledger, read_ledger_id, read_owner
from .proof import Proven, verify_proof
from .verdict import Notice, Problem, Verdict
from .verifier import Options
from .verify import verify_items

__version__ = "0.1.0"

__all__ = [
    "Certified",
    "Checkpoint",
    "Identity",
    "Ledger",
    "MedsealError",
    "Notice",
    "OpenDataSet",
    "Options",
    "Problem",
    "Proven",
    "Report",
    "Verdict",
    "load_key",
    "open_ledger",
    "read_checkpoint",
    "read_key",
    "verify",
    "verify_certificate",
    "verify_proof",
]


def verify(
    source: str | Path | BinaryIO,
    *,
    owner: str | None = None,
    ledger: str | None = None,
    checkpoint: Checkpoint | None = None,
    without_bodies: bool = False,
    quick: bool = False,
) -> Verdict:
    """The verdict on an export: a path, or a file opened in binary mode.

    ``owner`` (a public key) and ``ledger`` (an id) are pins, in hex; without one nobody knows whose ledger this is.
    ``without_bodies`` allows records whose content was withheld; ``quick`` takes the owner's newest block as a voucher
    for the signatures before it. Raises ``PIN_INVALID`` for a pin that is no hex of its length.
    """
    options = Options(
        owner=read_owner(owner),
        ledger=read_ledger_id(ledger),
        checkpoint=checkpoint,
        without_bodies=without_bodies,
        quick=quick,
    )
    with Export(source) as export:
        return verify_items(export.items, options)[0]
