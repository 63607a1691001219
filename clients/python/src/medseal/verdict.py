"""What a verification finds (spec/verification.md, "Verdict" and "Notices")."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_PROBLEMS = 100_000


@dataclass(slots=True)
class Problem:
    """A rule that is broken: at which block, at which of its entries, and which rule."""

    block: int
    entry: int | None
    code: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What could not be established, though nothing shows that it is wrong."""

    block: int | None
    code: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a ledger is good, and what is in it. Hashes and keys are hex."""

    ok: bool
    undecided: bool
    ledger: str | None
    owner: str | None
    blocks: int
    records: int
    statements: int
    erased: int
    withheld: int
    head: str | None
    problems: list[Problem]
    notices: list[Notice]
    anchor: int | None = None


@dataclass(slots=True)
class Findings:
    """Problems and notices as they are found."""

    problems: list[Problem] = field(default_factory=list)
    omitted: bool = False
    _notices: dict[str, int | None] = field(default_factory=dict)

    def problem(self, block: int, code: str, entry: int | None = None) -> Problem:
        """Adds a problem, which may still be moved; beyond the bound it is only known that there are more."""
        problem = Problem(block, entry, code)
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)
        else:
            self.omitted = True
        return problem

    def notice(self, code: str, block: int | None = None) -> None:
        """Adds a notice; each comes once, with the first block that it concerns."""
        before = self._notices.get(code)
        if code not in self._notices or (block is not None and before is not None and block < before):
            self._notices[code] = block

    def listed(self) -> list[Problem]:
        """The problems in ascending order of block and entry."""
        return sorted(self.problems, key=lambda p: (p.block, -1 if p.entry is None else p.entry))

    def notices(self) -> list[Notice]:
        """The notices in ascending order, those of the whole ledger last."""
        if self.omitted:
            self.notice("PROBLEMS_OMITTED")
        found = [Notice(block, code) for code, block in self._notices.items()]
        return sorted(found, key=lambda n: (n.block is None, n.block or 0, n.code))
