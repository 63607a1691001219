"""What can go wrong when a caller asks for something. Faults of a ledger are no errors: they stand in the verdict."""

from __future__ import annotations


class MedsealError(Exception):
    """An error with a stable code, as docs/errors.md lists them.

    The message says what is wrong and what to do; it never holds a record's content or a key.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
