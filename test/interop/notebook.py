"""The notebook's libraries, asked by the tests: a request as JSON on standard input, the answer on standard output.

Needs the ecdsa, pycryptodome and pandas packages. What is done with them is what docs/notebook.md says of the notebook.
"""

import base64
import datetime
import hashlib
import io
import json
import sys

import ecdsa
import pandas as pd

try:
    from Cryptodome.Cipher import AES
except ImportError:
    from Crypto.Cipher import AES


def scrypt(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def encrypt(text, password):
    salt = hashlib.sha256(text.encode()).digest()[:16]
    cipher = AES.new(scrypt(password, salt), AES.MODE_GCM)
    sealed, tag = cipher.encrypt_and_digest(text.encode())
    return "*".join(base64.b64encode(part).decode() for part in (sealed, salt, cipher.nonce, tag))


def decrypt(data, password):
    sealed, salt, nonce, tag = (base64.b64decode(part) for part in data.split("*"))
    cipher = AES.new(scrypt(password, salt), AES.MODE_GCM, nonce=nonce)
    return cipher.decrypt_and_verify(sealed, tag).decode()


def block_hash(block):
    return hashlib.sha256(json.dumps(block, sort_keys=True).encode()).hexdigest()


def has_work(proof, previous):
    return hashlib.sha256(str(proof**2 - previous**2).encode()).hexdigest()[:4] == "0000"


def table(csv, separator, types=None):
    return pd.read_csv(io.StringIO(csv), sep=separator, low_memory=False, **(types or {}))


def texts_of(frame):
    return [frame.iloc[i].to_string() for i in range(len(frame))]


def seal(request):
    """Runs the notebook's workflow over a table: a chain, its keys, and the text of each row."""
    signing = ecdsa.SigningKey.generate(curve=ecdsa.SECP256k1)
    private = signing.to_string().hex()
    chain = []

    def add(data, proof, previous_hash):
        chain.append(
            {
                "index": len(chain) + 1,
                "timestamp": str(datetime.datetime.now()),
                "data": str(data),
                "proof": proof,
                "previous_hash": previous_hash,
                "signature": signing.sign(b"Authorised").hex(),
            }
        )

    add("Genesis Block", 1, "0")
    texts = texts_of(table(request["csv"], request.get("separator", ",")).head(request.get("rows", 1000)))
    for text in texts:
        proof, previous = 1, chain[-1]["proof"]
        while not has_work(proof, previous):
            proof += 1
        add(encrypt(text, private), proof, block_hash(chain[-1]))
    public = base64.b64encode(signing.get_verifying_key().to_string()).decode()
    return {"chain": chain, "keys": {"private": private, "public": public}, "texts": texts}


def read(request):
    """Verifies a chain, decrypts it, and rebuilds the rows as the notebook does, all with its libraries."""
    chain = json.loads(request["chain"])["chain"]
    point = base64.b64decode(request["keys"]["public"])
    verifying = ecdsa.VerifyingKey.from_string(point, curve=ecdsa.SECP256k1)
    valid, linked, worked, texts = [], [], [], []
    for i, block in enumerate(chain):
        try:
            valid.append(verifying.verify(bytes.fromhex(block["signature"]), b"Authorised"))
        except ecdsa.BadSignatureError:
            valid.append(False)
        if i > 0:
            linked.append(block["previous_hash"] == block_hash(chain[i - 1]))
            worked.append(has_work(block["proof"], chain[i - 1]["proof"]))
            texts.append(decrypt(block["data"], request["keys"]["private"]))
    rows = [dict(line.split(maxsplit=1) for line in text.split("\n") if len(line.split()) > 1) for text in texts]
    return {"valid": valid, "linked": linked, "worked": worked, "texts": texts, "rows": rows}


def dumped(text):
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except (ValueError, RecursionError):
        return None


def frames(request):
    """What pandas makes of tables: names, types, and the text of each row."""
    answers = []
    for csv in request["tables"]:
        frame = table(csv, ",", request.get("types"))
        answers.append({"names": list(frame.columns), "types": [str(t) for t in frame.dtypes], "texts": texts_of(frame)})
    return answers


ACTIONS = {
    "seal": seal,
    "read": read,
    "frames": frames,
    "dump": lambda request: [dumped(text) for text in request["texts"]],
    "repr": lambda request: [repr(float(text)) for text in request["floats"]],
    "versions": lambda request: {"pandas": pd.__version__},
}

if __name__ == "__main__":
    asked = json.loads(sys.stdin.buffer.read())
    print(json.dumps(ACTIONS[asked["do"]](asked)))
