"""Ledgers that the command line has made are verified and opened as it does itself."""

from __future__ import annotations

import io
from dataclasses import asdict

import pandas
import pytest
from conftest import LINES, PASSPHRASE, VISITS, Made

from medseal import Identity, MedsealError, Verdict, load_key, open_ledger, verify
from medseal.cli import main

COUNTS = ("ok", "undecided", "ledger", "owner", "blocks", "records", "statements", "erased", "withheld", "head")


def owner_key(made: Made) -> Identity:
    return load_key(made.path("owner.key"), PASSPHRASE)


def summary(verdict: Verdict) -> dict[str, object]:
    return {name: value for name, value in asdict(verdict).items() if name in COUNTS}


@pytest.mark.parametrize("name", ["first.ndjson", "trial.ndjson"])
def test_verdicts_are_equal(made: Made, name: str) -> None:
    owner = made.public_key("owner")
    verdict = verify(made.path(name), owner=owner)
    theirs = made.json("verify", name, "--public-key", owner)
    assert verdict.ok
    assert summary(verdict) == {member: theirs[member] for member in COUNTS}


def test_quick_finds_the_same(made: Made) -> None:
    owner = made.public_key("owner")
    quick = verify(made.path("trial.ndjson"), owner=owner, quick=True)
    assert quick.anchor == quick.blocks
    assert summary(quick) == summary(verify(made.path("trial.ndjson"), owner=owner))


def test_what_is_withheld_must_be_allowed(made: Made) -> None:
    path = made.path("withheld.ndjson")
    verdict = verify(path, owner=made.public_key("owner"))
    assert {problem.code for problem in verdict.problems} == {"SALT_MISSING"}
    assert verify(path, without_bodies=True).withheld == len(verdict.problems)


def test_a_changed_byte_is_found(made: Made) -> None:
    lines = made.path("first.ndjson").read_bytes().split(b"\n")
    lines[2] = lines[2].replace(b'"proof":', b'"proof":1', 1)
    verdict = verify(io.BytesIO(b"\n".join(lines)))
    assert [(problem.block, problem.code) for problem in verdict.problems] == [(3, "SIGNATURE_INVALID")]


def test_files_come_back(made: Made) -> None:
    with open_ledger(made.path("first.ndjson"), owner_key(made), owner=made.public_key("owner")) as ledger:
        assert [dataset.name for dataset in ledger.datasets] == ["visits", "lines"]
        assert ledger.dataset("visits").read()[0] == VISITS
        assert ledger.dataset("lines").read()[0] == LINES
        with pytest.raises(MedsealError, match="several") as raised:
            ledger.dataset()
    assert raised.value.code == "DATASET_AMBIGUOUS"


def test_frames_are_equal(made: Made) -> None:
    with open_ledger(made.path("first.ndjson"), owner_key(made)) as ledger:
        visits = ledger.dataset("visits").to_dataframe()
        lines = ledger.dataset("lines").to_dataframe()
    pandas.testing.assert_frame_equal(visits, pandas.read_csv(io.BytesIO(VISITS), sep=";"))
    pandas.testing.assert_frame_equal(lines, pandas.read_json(io.BytesIO(LINES), lines=True))


@pytest.mark.parametrize("name", ["owner", "member"])
def test_changed_rows_open_as_the_command_line_opens_them(made: Made, name: str) -> None:
    made.run("open", "trial.medseal", "--dataset", "visits", "--key", f"{name}.key", "-o", f"{name}.csv")
    key = load_key(made.path(f"{name}.key"), PASSPHRASE)
    with open_ledger(made.path("trial.ndjson"), key) as ledger:
        content, report = ledger.dataset("visits").read()
    assert content == made.path(f"{name}.csv").read_bytes()
    assert b"P-2;48;" in content and b"P-6" in content and b"P-5" not in content
    assert (report.left, report.erased) == ([], [5])


def test_who_was_revoked_reads_what_came_before(made: Made) -> None:
    with open_ledger(made.path("trial.ndjson"), load_key(made.path("reader.key"))) as ledger:
        content, report = ledger.dataset("visits").read()
    assert b"P-4" in content and b"P-6" not in content
    assert (report.left, report.erased) == ([2, 6], [5])


def test_to_a_stranger_nothing_opens(made: Made) -> None:
    with open_ledger(made.path("trial.ndjson"), load_key(made.path("stranger.key"))) as ledger:
        assert ledger.datasets == []


def test_command_line(made: Made, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    export, key, output = str(made.path("first.ndjson")), str(made.path("owner.key")), made.path("again.csv")
    owner, another = made.public_key("owner"), made.public_key("stranger")
    monkeypatch.setenv("MEDSEAL_PASSPHRASE", PASSPHRASE)
    assert main(["verify", export, "--public-key", owner]) == 0
    assert main(["verify", export, "--public-key", another]) == 1
    assert main(["verify", str(made.path("trial.medseal"))]) == 2
    assert main(["verify", str(made.path("nothing"))]) == 2
    assert main(["open", export, "--key", key, "--dataset", "visits", "-o", str(output)]) == 0
    assert output.read_bytes() == VISITS
    assert output.stat().st_mode & 0o777 == 0o600
    assert main(["open", export, "--key", key, "--dataset", "visits", "--public-key", another]) == 1
    assert main(["open", export, "--key", str(made.path("stranger.key"))]) == 1
    capsysbinary.readouterr()
    assert main(["open", export, "--key", key, "--dataset", "lines"]) == 0
    assert capsysbinary.readouterr().out == LINES
