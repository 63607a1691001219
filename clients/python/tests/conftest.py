"""A ledger that the command line has made, for the tests that read it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from vectors import CHECKOUT

MAIN = CHECKOUT / "dist" / "cli" / "main.js"

VISITS = (
    b"\xef\xbb\xbfpatient;age;weight;note\r\n"
    b'P-1;61;70.5;"says ""fine""; walks"\r\n'
    b"P-2;47;;\r\n"
    b'P-3;52;81.0;"two\nlines"\r\n'
    b"P-4;;66.25;caf\xc3\xa9\r\n"
    b"P-5;39;59.0;end\r\n"
)
LINES = b'{"id": 1, "value": 2.50}\n{"id": 2, "value": null}\n'
PASSPHRASE = "correct horse battery"


@dataclass(frozen=True)
class Made:
    """The files of a ledger that the command line has made."""

    folder: Path

    def run(self, *arguments: object) -> str:
        """Runs the command line in the folder; what it prints."""
        environment = {**os.environ, "MEDSEAL_PASSPHRASE": PASSPHRASE, "NO_COLOR": "1"}
        command = ["node", str(MAIN), *(str(argument) for argument in arguments)]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"medseal {' '.join(command[2:])}: {done.stderr}"
        return done.stdout

    def json(self, *arguments: object) -> dict[str, Any]:
        """What a command answers as JSON."""
        answer: dict[str, Any] = json.loads(self.run(*arguments, "--json"))
        return answer

    def public_key(self, name: str) -> str:
        """A key file's public key, in hex."""
        return str(self.json("key", "show", f"{name}.key")["publicKey"])

    def path(self, name: str) -> Path:
        """A file of the folder."""
        return self.folder / name


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A ledger with a reader, a role, rows that were appended under new keys, corrected and erased, and its exports."""
    if shutil.which("node") is None or not MAIN.is_file():
        pytest.skip("the command line is not built: npm ci in the checkout builds it")
    made = Made(tmp_path_factory.mktemp("made"))
    made.path("visits.csv").write_bytes(VISITS)
    made.path("lines.ndjson").write_bytes(LINES)
    made.run("keygen", "-o", "owner.key")
    for name in ("reader", "member", "stranger"):
        made.run("keygen", "-o", f"{name}.key", "--no-passphrase")
    made.run("init", "trial.medseal", "--key", "owner.key", "--difficulty", 4)
    made.run("seal", "trial.medseal", "visits.csv", "lines.ndjson", "--key", "owner.key", "--block-size", 2)
    made.run("export", "trial.medseal", "-o", "first.ndjson")
    change_ledger(made)
    made.run("export", "trial.medseal", "-o", "trial.ndjson")
    made.run("export", "trial.medseal", "-o", "withheld.ndjson", "--without-bodies")
    return made


def change_ledger(made: Made) -> None:
    """Readers come and go, rows are appended, corrected and erased."""
    key = ("--key", "owner.key")
    made.run("role", "create", "trial.medseal", "nurse", made.public_key("member"), *key)
    made.run("grant", "trial.medseal", "--dataset", "visits", "--to", "role:nurse", *key)
    made.run("grant", "trial.medseal", "--dataset", "visits", "--to", made.public_key("reader"), *key)
    made.run(
        "revoke", "trial.medseal", "--dataset", "visits", "--from", made.public_key("reader"), "--reason", "left", *key
    )
    made.path("later.csv").write_bytes(b"patient;age;weight;note\r\nP-6;70;77.0;later\r\n")
    made.run("seal", "trial.medseal", "later.csv", "--name", "visits", "--append", *key)
    made.run("amend", "trial.medseal", "--dataset", "visits", "--row", 2, "--set", "age=48", "--reason", "typed", *key)
    why = ("--reason", "asked", "--basis", "GDPR Art. 17")
    made.run("erase", "trial.medseal", "--dataset", "visits", "--rows", "5-5", *why, *key)
