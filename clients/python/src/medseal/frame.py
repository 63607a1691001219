"""A rebuilt file as a pandas DataFrame. pandas is needed here only."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from .errors import MedsealError
from .manifest import FHIR_BUNDLE, FHIR_LINES, NDJSON, Manifest
from .typed_frame import typed_dataframe

if TYPE_CHECKING:
    import pandas


def to_dataframe(
    content: bytes, manifest: Manifest | None, types: list[str | None], options: dict[str, Any]
) -> pandas.DataFrame:
    """What ``pandas.read_csv`` makes of the bytes, or ``read_json`` of lines of JSON and of a Bundle's resources.

    Where all columns have ``types``, and nobody gives options, these are the types of the frame.

    Raises ``PANDAS_MISSING``.
    """
    try:
        import pandas
    except ImportError:
        raise MedsealError("PANDAS_MISSING", "a DataFrame needs pandas: pip install 'medseal[pandas]'") from None
    file = io.BytesIO(content)
    if manifest is not None and manifest.media_type == FHIR_BUNDLE:
        entries = json.loads(content).get("entry", [])
        return pandas.DataFrame([entry["resource"] for entry in entries if "resource" in entry], **options)
    if manifest is not None and manifest.media_type in (NDJSON, FHIR_LINES):
        return pandas.DataFrame(pandas.read_json(file, **{"lines": True, **options}))
    known = [type_name for type_name in types if type_name is not None]
    if manifest is not None and known and len(known) == len(types) and not options:
        return typed_dataframe(content, manifest, known)
    form = {"sep": manifest.delimiter, "encoding": manifest.encoding} if manifest else {}
    return pandas.DataFrame(pandas.read_csv(file, **{**form, **options}))
