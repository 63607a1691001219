"""Reads altered files with the reader in Python: a line of JSON each, of the one file that is named. Prints each code, or "ok"."""

import base64
import json
import sys

from medseal.certificate import verify_certificate
from medseal.checkpoint import owner_signed, read_checkpoint
from medseal.errors import MedsealError
from medseal.proof import verify_proof


def judged(what: str, owner: bytes, file: bytes) -> str:
    try:
        if what == "checkpoint":
            return "ok" if owner_signed(read_checkpoint(file), owner) else "CHECKPOINT_UNSIGNED"
        (verify_proof if what == "proof" else verify_certificate)(file, owner)
    except MedsealError as error:
        return error.code
    return "ok"


for line in open(sys.argv[1], encoding="utf-8"):
    given = json.loads(line)
    print(judged(given["what"], bytes.fromhex(given["owner"]), base64.b64decode(given["file"])))
