"""The tree of RFC 6962 section 2.1, and inclusion paths in it (spec/ledger.md, "History"; spec/proofs.md, "Paths")."""

from __future__ import annotations

from collections.abc import Iterable

from .encoding import sha256


def leaf_hash(data: bytes) -> bytes:
    """H(0x00 ‖ data)."""
    return sha256(b"\0", data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 ‖ left ‖ right)."""
    return sha256(b"\1", left, right)


class Tree:
    """A tree that leaves are added to: it keeps the roots of its complete subtrees only, at most one for each size."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def append(self, data: bytes) -> None:
        """Adds a leaf. A number's trailing ones say how many complete subtrees the leaf closes."""
        root = leaf_hash(data)
        size = self.size
        while size & 1:
            root = node_hash(self._subtrees.pop(), root)
            size >>= 1
        self._subtrees.append(root)
        self.size += 1

    def root(self) -> bytes:
        """The tree hash, of no leaves H of nothing."""
        if not self._subtrees:
            return sha256()
        *larger, root = self._subtrees
        for subtree in reversed(larger):
            root = node_hash(subtree, root)
        return root

    def root_with(self, data: bytes) -> bytes:
        """What the tree hash would be with one leaf more."""
        grown = Tree()
        grown.size = self.size
        grown._subtrees = list(self._subtrees)
        grown.append(data)
        return grown.root()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The tree hash over the data of leaves."""
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def root_by_path(data: bytes, position: int, size: int, path: list[bytes]) -> bytes | None:
    """The tree hash that an inclusion path leads to from a leaf (RFC 9162 section 2.1.3.2).

    ``None`` where no path of this length belongs to the place: ``position`` from 0, ``size`` in leaves.
    """
    if position >= size:
        return None
    place, last = position, size - 1
    root = leaf_hash(data)
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            root = node_hash(root, sibling)
        place >>= 1
        last >>= 1
    return root if last == 0 else None
