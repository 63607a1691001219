"""Judges exports with the reader in Python: a line of JSON each, of the one file that is named. Prints each verdict as JSON."""

import io
import json
import sys
from datetime import datetime

from medseal.export import Export
from medseal.verifier import Options
from medseal.verify import verify_items

for line in open(sys.argv[1], encoding="utf-8"):
    given = json.loads(line)
    options = Options(
        now=datetime.fromisoformat(given["now"]),
        owner=bytes.fromhex(given["owner"]) if "owner" in given else None,
        without_bodies=given["withoutBodies"],
    )
    with Export(io.BytesIO(given["text"].encode("utf-8"))) as export:
        verdict = verify_items(export.items, options)[0]
    problems = [[problem.block, problem.entry, problem.code] for problem in verdict.problems]
    print(json.dumps({"ok": verdict.ok, "undecided": verdict.undecided, "problems": problems}))
