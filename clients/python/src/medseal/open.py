"""Opening: what a private key can read of a ledger, once that has been verified."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from .curve import Identity
from .dataset import OpenDataSet, Source
from .encoding import from_hex
from .errors import MedsealError
from .exchange import Block
from .export import Export
from .keys import open_grants
from .records import SealedRecord
from .state import State
from .statements import Statement
from .verdict import Verdict
from .verifier import Options
from .verify import verify_items


class Ledger(AbstractContextManager["Ledger"]):
    """A verified export, and the data sets that a private key opens, in the order in which they begin."""

    def __init__(self, export: Export, verdict: Verdict, datasets: list[OpenDataSet]) -> None:
        self._export = export
        self.verdict = verdict
        self.datasets = datasets

    def dataset(self, name: str | None = None) -> OpenDataSet:
        """The data set of this name or id, or the only one.

        Raises ``DATASET_NOT_FOUND`` or ``DATASET_AMBIGUOUS``.
        """
        fitting = [dataset for dataset in self.datasets if name in (None, dataset.name, dataset.id)]
        if not fitting:
            there = f"it opens {_names(self.datasets)}" if self.datasets else "nothing here is granted to it"
            message = f"no data set of this name or id opens with this key; {there}"
            raise MedsealError("DATASET_NOT_FOUND", message)
        if len(fitting) > 1:
            message = f"several data sets fit; name one, by its id where names are the same: {_names(fitting)}"
            raise MedsealError("DATASET_AMBIGUOUS", message)
        return fitting[0]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._export.__exit__(kind, error, trace)


def _names(datasets: list[OpenDataSet]) -> str:
    return ", ".join(f"{dataset.name or 'without a name'} ({dataset.id})" for dataset in datasets)


def open_ledger(
    source: str | Path | BinaryIO,
    key: Identity,
    *,
    owner: str | None = None,
    ledger: str | None = None,
    options: Options | None = None,
) -> Ledger:
    """Verifies an export, and opens what ``key`` can read of it. ``owner`` and ``ledger`` are pins, in hex.

    Of a ledger that does not verify only blocks that do are opened; ``verdict`` says which do not. Rows are
    decrypted when they are read, block by block. Expired grants are not used.
    """
    pinned = replace(
        options or Options(),
        owner=read_owner(owner) or (options.owner if options else None),
        ledger=read_ledger_id(ledger) or (options.ledger if options else None),
        fallback_owner=key.public_key,
        quick=False,
    )
    export = Export(source)
    return _open(export, key, pinned)


def _open(export: Export, key: Identity, options: Options) -> Ledger:
    grants: list[Statement] = []
    hashes: dict[int, bytes] = {}
    items: dict[bytes, list[int]] = {}

    def on_accepted(number: int, block: Block, state: State) -> None:
        hashes[number] = block.header.hash
        for entry in block.entries:
            if isinstance(entry, SealedRecord):
                named = state.keys.get(entry.key_id)
                numbers = items.setdefault(named.dataset.id, []) if named and named.dataset else []
                if not numbers or numbers[-1] != number:
                    numbers.append(number)
            elif entry["kind"] == "grant":
                grants.append(entry)

    verdict, state = verify_items(export.items, options, on_accepted)
    now = options.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{options.now.microsecond // 1000:03}Z"
    in_time = [grant for grant in grants if str(grant.get("expires", now)) >= now]
    group_keys = open_grants(key, state.ledger, in_time) if state.ledger else {}
    source = Source(export, state, group_keys, hashes)
    held = {named.dataset.id for key_id in group_keys if (named := state.keys.get(key_id)) and named.dataset}
    datasets = [
        OpenDataSet(source, data, items.get(data.id, [])) for data in state.datasets.values() if data.id in held
    ]
    return Ledger(export, verdict, datasets)


def read_owner(value: str | None) -> bytes | None:
    """The bytes of an owner's public key. Raises ``PIN_INVALID``."""
    what = "a public key has 66 characters of lower-case hex and begins with 02 or 03, as medseal key show prints it"
    return None if value is None else _pin(value, 33, what)


def read_ledger_id(value: str | None) -> bytes | None:
    """The bytes of a ledger's id. Raises ``PIN_INVALID``."""
    what = "a ledger's id has 64 characters of lower-case hex, as medseal status prints it"
    return None if value is None else _pin(value, 32, what)


def _pin(value: str, length: int, what: str) -> bytes:
    pin = from_hex(value, length)
    if pin is None:
        raise MedsealError("PIN_INVALID", what)
    return pin
