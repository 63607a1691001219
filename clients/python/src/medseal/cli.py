"""A small command line: ``verify`` and ``open``, with the exit codes of docs/cli.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from . import __version__, verify
from .checkpoint import read_checkpoint
from .dataset import OpenDataSet
from .errors import MedsealError
from .key_file import load_key
from .open import Ledger, open_ledger
from .verdict import Verdict

YES, NO, BAD_INPUT, FAILED = 0, 1, 2, 3

_ANOTHER_LEDGER = ("OWNER_MISMATCH", "LEDGER_MISMATCH")


def main(arguments: Sequence[str]) -> int:
    """Runs a command and returns its exit code. Results go to standard output, the rest to standard error."""
    options = _parser().parse_args(arguments)
    try:
        return _verify(options) if options.command == "verify" else _open(options)
    except MedsealError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return NO if error.code == "DATASET_NOT_FOUND" and options.dataset is None else BAD_INPUT
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"{error.strerror}", file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m medseal", description="Reads exported ledgers of Medseal.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("verify", help="the verdict on an export, with public keys alone")
    opening = commands.add_parser("open", help="decrypts what verifies")
    for command in (check, opening):
        command.add_argument("file", help="an export; - is standard input")
        command.add_argument("--public-key", metavar="KEY", help="the owner's public key, in hex")
        command.add_argument("--ledger", metavar="ID", help="the ledger's id, in hex")
    check.add_argument("--checkpoint", metavar="FILE", type=Path, help="an earlier state that it must have grown from")
    check.add_argument(
        "--quick", action="store_true", help="the owner's newest block or checkpoint vouches for earlier signatures"
    )
    check.add_argument("--without-bodies", action="store_true", help="allow records whose content was withheld")
    check.add_argument("--json", action="store_true", help="the verdict as JSON")
    opening.add_argument("--key", metavar="K", type=Path, required=True, help="a key file")
    opening.add_argument("--passphrase-file", metavar="FILE", type=Path, help="or MEDSEAL_PASSPHRASE")
    opening.add_argument("--dataset", metavar="NAME|ID", help="which data set, where there are several")
    opening.add_argument("-o", "--output", metavar="FILE", type=Path, help="standard output where left out")
    return parser


def _verify(options: argparse.Namespace) -> int:
    checkpoint = read_checkpoint(options.checkpoint.read_bytes()) if options.checkpoint else None
    verdict = verify(
        _source(options.file),
        owner=options.public_key,
        ledger=options.ledger,
        checkpoint=checkpoint,
        without_bodies=options.without_bodies,
        quick=options.quick,
    )
    if options.json:
        print(json.dumps({name: value for name, value in asdict(verdict).items() if name != "anchor" or value}))
    else:
        _show(verdict)
    return YES if verdict.ok else NO


def _show(verdict: Verdict) -> None:
    answer = "verifies" if verdict.ok else "is undecided" if verdict.undecided else "does not verify"
    print(f"The ledger {answer}: {verdict.blocks} blocks, {verdict.records} records, {len(verdict.problems)} problems")
    print(f"ledger {verdict.ledger}\nowner  {verdict.owner}\nhead   {verdict.head}")
    for problem in verdict.problems:
        entry = "" if problem.entry is None else f", entry {problem.entry}"
        print(f"block {problem.block}{entry}: {problem.code}")
    for notice in verdict.notices:
        print(f"note: {notice.code}" + ("" if notice.block is None else f" ({notice.block})"))


def _open(options: argparse.Namespace) -> int:
    key = load_key(options.key, _passphrase(options.passphrase_file))
    source = _source(options.file)
    with open_ledger(source, key, owner=options.public_key, ledger=options.ledger) as ledger:
        mismatch = next((code for code in _codes(ledger) if code in _ANOTHER_LEDGER), None)
        if mismatch is not None:
            print(f"{mismatch}: this is another ledger than the one asked for", file=sys.stderr)
            return NO
        dataset = ledger.dataset(options.dataset)
        good = _write(dataset, options.output)
        if not ledger.verdict.ok:
            print("LEDGER_INVALID: blocks that do not verify were left out; see verify", file=sys.stderr)
        if not dataset.complete:
            print("DATASET_INCOMPLETE: further rows were to follow", file=sys.stderr)
        return YES if good and ledger.verdict.ok and dataset.complete else NO


def _write(dataset: OpenDataSet, output: Path | None) -> bool:
    """Writes the file, under another name first, and readable by its owner only. Whether every row opened."""
    if output is None:
        report = dataset.write(sys.stdout.buffer)
    else:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f"{output.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                report = dataset.write(file)
            os.replace(name, output)
        except BaseException:
            os.unlink(name)
            raise
    for what, rows in (("do not open", report.left), ("are erased", report.erased)):
        if rows:
            print(f"{len(rows)} rows {what}, the first of them row {rows[0]}", file=sys.stderr)
    if dataset.groups_left_out:
        print(f"{len(dataset.groups_left_out)} column groups are not at hand", file=sys.stderr)
    return not report.left


def _source(file: str) -> Path | BinaryIO:
    return sys.stdin.buffer if file == "-" else Path(file)


def _passphrase(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get("MEDSEAL_PASSPHRASE") or None
    return file.read_text("utf-8").removesuffix("\n").removesuffix("\r")


def _codes(ledger: Ledger) -> list[str]:
    return [problem.code for problem in ledger.verdict.problems]
