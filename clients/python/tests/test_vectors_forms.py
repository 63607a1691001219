"""The vectors of single forms: JSON, hashes, trees, records, keys and tables."""

from __future__ import annotations

import base64
import json
import struct

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from vectors import FOLDER, Vector, cases

from medseal import canonical_json, curve, header, hpke, keys, merkle, records, tags
from medseal.csv_form import field_text, split_records
from medseal.curve import Identity
from medseal.encoding import from_base64url, label, sha256, to_base64url, u64
from medseal.errors import MedsealError
from medseal.key_file import read_key
from medseal.manifest import read_row_0
from medseal.value_types import Value, read_field

HERE = {"csv", "hash", "json", "keys", "merkle", "padding", "records", "tags", "types", "work"}
ELSEWHERE = {"certificate", "checkpoint", "open", "proof", "store", "verify"}


def test_every_folder_is_tested() -> None:
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == HERE | ELSEWHERE


@pytest.mark.parametrize("vector", cases("json"))
def test_json(vector: Vector) -> None:
    text = base64.b64decode(vector["text_base64"])
    try:
        assert canonical_json.serialize(canonical_json.parse(text, vector["max_depth"])) == text
        outcome: Vector = {"ok": True}
    except MedsealError as error:
        outcome = {"ok": False, "code": error.code}
    assert outcome == vector["expect"]


@pytest.mark.parametrize("vector", cases("merkle"))
def test_merkle(vector: Vector) -> None:
    assert merkle.root_of(bytes.fromhex(leaf) for leaf in vector["leaves"]).hex() == vector["expect"]["root"]


@pytest.mark.parametrize("vector", cases("hash"))
def test_hash(vector: Vector) -> None:
    expected = vector["expect"]
    unsigned = {**vector["header"], "proof": expected["proof"], "signature": expected["signature"]}
    head = header.read_header(unsigned)
    digest = sha256(label("block"), head.header_hash, u64(head.proof))
    assert canonical_json.serialize(vector["header"]).decode() == expected["header_json"]
    assert head.header_hash.hex() == expected["header_hash"]
    assert header.work_hash(head.header_hash, head.proof).hex() == expected["work_hash"]
    assert smallest_proof(head.header_hash, head.difficulty) == expected["proof"]
    assert digest.hex() == expected["signing_digest"]
    assert sign(bytes.fromhex(vector["private_key"]), digest).hex() == expected["signature"]
    assert head.is_signed() and head.is_worked()
    assert head.hash.hex() == expected["block_hash"]


def sign(private_key: bytes, digest: bytes) -> bytes:
    """RFC 6979, with a low s."""
    key = ec.derive_private_key(int.from_bytes(private_key, "big"), ec.SECP256K1())
    der = key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + min(s, curve.ORDER - s).to_bytes(32, "big")


def smallest_proof(header_hash: bytes, difficulty: int) -> int:
    proof = 0
    while header.leading_zero_bits(header.work_hash(header_hash, proof)) < difficulty:
        proof += 1
    return proof


@pytest.mark.parametrize("vector", cases("work"))
def test_work(vector: Vector) -> None:
    header_hash, expected = bytes.fromhex(vector["header_hash"]), vector["expect"]
    proof = smallest_proof(header_hash, vector["difficulty"])
    work = header.work_hash(header_hash, proof)
    found = {"proof": proof, "work_hash": work.hex(), "leading_zero_bits": header.leading_zero_bits(work)}
    assert found == expected


@pytest.mark.parametrize("vector", cases("padding"))
def test_padding(vector: Vector) -> None:
    assert records.padded_length(vector["length"]) == vector["expect"]["padded_length"]


@pytest.mark.parametrize("vector", cases("records"))
def test_records(vector: Vector) -> None:
    expected = vector["expect"]
    ledger, group_key, salt = (bytes.fromhex(vector[name]) for name in ("ledger", "group_key", "salt"))
    content = base64.b64decode(vector["content_base64"])
    key_id = keys.key_id_of(ledger, group_key)
    info = records.record_key_info(ledger, salt, key_id, vector["row"])
    record_key = records.derive_record_key(group_key, info)
    body = bytes.fromhex(expected["body"])
    record = records.SealedRecord(bytes.fromhex(expected["entry"]), salt, body)
    assert key_id.hex() == expected["key_id"] == record.key_id.hex()
    assert info.hex() == expected["info"]
    assert record_key.hex() == expected["record_key"]
    assert sha256(label("salt"), salt).hex() == expected["salt_hash"]
    assert records.commitment(record_key).hex() == expected["commitment"]
    assert records.body_hash(body).hex() == expected["body_hash"]
    assert record.row == vector["row"] and record.fault() is None
    assert records.open_record(record, ledger, group_key) == content
    padded = (content + b"\x80").ljust(expected["padded_length"], b"\0")
    assert AESGCM(record_key).encrypt(bytes(12), padded, record.entry[:89]) == body


@pytest.mark.parametrize("vector", cases("keys", "identity-"))
def test_identity(vector: Vector) -> None:
    identity = Identity(bytes.fromhex(vector["private_key"]))
    assert identity.public_key.hex() == vector["expect"]["public_key"]
    assert read_key(json.dumps(vector["expect"]["jwk"]).encode()).public_key == identity.public_key


@pytest.mark.parametrize("vector", cases("keys", "grant-"))
def test_grant(vector: Vector) -> None:
    identity = Identity(bytes.fromhex(vector["private_key"]))
    key = keys.open_grant(identity, bytes.fromhex(vector["ledger"]), vector["grant"])
    assert (key is not None) == vector["expect"]["opens"]
    assert (key.hex() if key else None) == vector["expect"].get("key")
    if key is not None and "ephemeral_private_key" in vector:
        assert wrap(vector, identity, key) == (vector["grant"]["enc"], vector["grant"]["wrapped"])


def wrap(vector: Vector, reader: Identity, key: bytes) -> tuple[str, str]:
    """Seals the key anew with the vector's ephemeral key."""
    ephemeral = Identity(bytes.fromhex(vector["ephemeral_private_key"]))
    shared = ephemeral.shared_secret(reader.public_point)
    assert shared is not None
    secret = hpke.kem_secret(shared, ephemeral.public_point, reader.public_point)
    aes_key, nonce = hpke.key_schedule(secret, label("grant") + bytes.fromhex(vector["ledger"]))
    bound = {name: value for name, value in vector["grant"].items() if name not in ("enc", "wrapped")}
    wrapped = AESGCM(aes_key).encrypt(nonce, key, canonical_json.serialize(bound))
    return to_base64url(ephemeral.public_point), to_base64url(wrapped)


@pytest.mark.parametrize("vector", cases("keys", "file-"))
def test_key_file(vector: Vector) -> None:
    try:
        identity = read_key(base64.b64decode(vector["file_base64"]), vector.get("passphrase"))
    except MedsealError as error:
        assert {"code": error.code} == vector["expect"]
    else:
        assert identity.public_key == Identity(bytes.fromhex(vector["expect"]["private_key"])).public_key


@pytest.mark.parametrize("vector", cases("csv"))
def test_csv(vector: Vector) -> None:
    expected, delimiter = vector["expect"], vector["delimiter"].encode()
    data = base64.b64decode(vector["file_base64"])
    try:
        cut = list(split_records(data, delimiter))
    except MedsealError as error:
        assert error.code == expected["code"]
        return
    assert [
        {
            "bytes_base64": base64.b64encode(delimiter.join(record.fields) + record.terminator).decode(),
            "fields_base64": [base64.b64encode(field).decode() for field in record.fields],
            "terminator": record.terminator.decode(),
        }
        for record in cut
    ] == expected["records"]
    if "manifest" in expected:
        read = read_row_0(expected["manifest"].encode() + b"\n")
        assert read is not None
        assert [name for _, name in read[0].columns] == names(cut[0].fields, read[0].encoding)


def names(fields: list[bytes], encoding: str) -> list[str]:
    """Column names, as a header line's fields tell them."""
    texts = [field_text(field.removeprefix(b"\xef\xbb\xbf") if not at else field) for at, field in enumerate(fields)]
    return [text.decode(encoding if is_utf8(text) else "iso-8859-1") for text in texts]


def is_utf8(text: bytes) -> bool:
    try:
        return text.decode("utf-8") is not None
    except UnicodeDecodeError:
        return False


@pytest.mark.parametrize("vector", cases("tags"))
def test_tags(vector: Vector) -> None:
    manifest, expected = vector["manifest"], vector["expect"]
    ledger, group_key = bytes.fromhex(vector["ledger"]), bytes.fromhex(vector["group_key"])
    key_id = keys.key_id_of(ledger, group_key)
    places = [column["index"] for column in manifest["columns"]]
    columns = [
        tags.TaggedColumn(column["name"], places.index(column["index"]) if "index" in column else None)
        for column in manifest["lookup"]
    ]
    content = base64.b64decode(vector["content_base64"])
    values = tags.values_of(content, manifest["media_type"], manifest["delimiter"], columns)
    tag_keys = [tags.tag_key(ledger, key_id, group_key, column.name) for column in columns]
    found = [[tags.tag(key, value) for value in column] for key, column in zip(tag_keys, values, strict=True)]
    assert {
        "tag_keys": [key.hex() for key in tag_keys],
        "values": [[value.hex() for value in column] for column in values],
        "tags": [[value.hex() for value in column] for column in found],
        "indexed": tags.indexed_tag(ledger, key_id, group_key).hex(),
    } == expected


@pytest.mark.parametrize("vector", cases("types"))
def test_types(vector: Vector) -> None:
    type_name = vector["type"]
    for case in vector["expect"]["fields"]:
        field = case["field"].encode()
        if "refused" in case:
            with pytest.raises(MedsealError) as refused:
                read_field(type_name, field, "utf-8")
            assert refused.value.code == "TYPE_MISMATCH"
        else:
            assert plain(type_name, read_field(type_name, field, "utf-8")) == case["value"], case


def plain(type_name: str, value: Value) -> str | bool | int | None:
    """A value as the vectors hold it."""
    if isinstance(value, float):
        return struct.pack(">d" if type_name == "float64" else ">f", value).hex()
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and type_name != "date" else value


@pytest.mark.parametrize(("type_member", "opens"), [("", True), (',"type":"date"', True), (',"type":1', False)])
def test_a_type_is_a_text(type_member: str, opens: bool) -> None:
    columns = f'[{{"index":0,"name":"a"{type_member}}}]'
    form = '"delimiter":",","encoding":"utf-8","group":"all","media_type":"text/csv","name":"n","terminator":"\\n"'
    read = read_row_0(f'{{"columns":{columns},{form},"version":1}}\na\n'.encode())
    assert (read is not None) == opens


def test_base64url_of_other_bits_is_refused() -> None:
    assert from_base64url("_w") == b"\xff"
    assert from_base64url("_x") is None
