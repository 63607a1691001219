"""An export that lies in a file: gone through as often as needed, one block in memory."""

from __future__ import annotations

import shutil
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from .compression import is_compressed, unpack
from .errors import MedsealError
from .exchange import Block, Item, read_item, read_lines

_SQLITE = b"SQLite format 3\0"


class Export(AbstractContextManager["Export"]):
    """The lines of a file, and where each begins. A stream that cannot be gone through twice is copied to a
    temporary file first, and so is what was compressed with gzip: that is the ledger as it came, sealed.

    Raises ``NOT_A_LEDGER`` for a ledger's own file, ``COMPRESSION_INVALID`` for gzip that is damaged and
    ``COMPRESSION_UNAVAILABLE`` for Zstandard.
    """

    def __init__(self, source: str | Path | BinaryIO) -> None:
        self._own = True
        self._file: BinaryIO
        if isinstance(source, (str, Path)):
            self._file = open(source, "rb")
        elif source.seekable():
            self._file, self._own = source, False
        else:
            self._file = _copied(source)
        self._offsets = array("Q")
        try:
            self._unpack()
        except BaseException:
            self._close()
            raise

    def _unpack(self) -> None:
        self._file.seek(0)
        start = self._file.read(len(_SQLITE))
        if start == _SQLITE:
            message = "this is a ledger's own file, which is not read here: export it (medseal export LEDGER -o FILE)"
            raise MedsealError("NOT_A_LEDGER", message)
        if not is_compressed(start):
            return
        self._file.seek(0)
        unpacked = cast(BinaryIO, tempfile.TemporaryFile())
        try:
            unpack(self._file, unpacked)
        except BaseException:
            unpacked.close()
            raise
        self._close()
        self._file, self._own = unpacked, True

    def items(self) -> Iterator[Item]:
        """The items in their order, from the first."""
        self._offsets = array("Q")
        at = 0
        self._file.seek(0)
        for line in read_lines(self._file):
            self._offsets.append(at)
            at = self._file.tell()
            yield read_item(line)

    def block(self, number: int) -> Block | None:
        """The block that was the item of this number, from 0; ``None`` where the file has been changed since."""
        self._file.seek(self._offsets[number])
        item = next((read_item(line) for line in read_lines(self._file)), None)
        return item if isinstance(item, Block) else None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._own:
            self._file.close()


def _copied(source: BinaryIO) -> BinaryIO:
    copy = cast(BinaryIO, tempfile.TemporaryFile())
    shutil.copyfileobj(source, copy)
    return copy
