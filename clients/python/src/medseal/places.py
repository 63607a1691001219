"""Many places of a ledger in little memory: runs of positions, since a block is often one run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator


class Places:
    """A set of (block, position). Positions of a block must be added in ascending order."""

    def __init__(self) -> None:
        self._runs: dict[int, tuple[list[int], list[int]]] = {}
        self.size = 0

    def add(self, block: int, position: int) -> None:
        """Adds the next position of a block."""
        starts, stops = self._runs.setdefault(block, ([], []))
        if stops and stops[-1] == position:
            stops[-1] = position + 1
        else:
            starts.append(position)
            stops.append(position + 1)
        self.size += 1

    def has(self, block: int, position: int) -> bool:
        """Whether the place has been added."""
        starts, stops = self._runs.get(block, ([], []))
        run = bisect_right(starts, position) - 1
        return run >= 0 and position < stops[run]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for block, (starts, stops) in self._runs.items():
            for start, stop in zip(starts, stops, strict=True):
                for position in range(start, stop):
                    yield block, position
