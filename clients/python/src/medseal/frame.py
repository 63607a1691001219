"""A rebuilt file as a pandas DataFrame. pandas is needed here only."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from .errors import MedsealError
from .manifest import FHIR_BUNDLE, FHIR_LINES, NDJSON, Manifest

if TYPE_CHECKING:
    import pandas


def to_dataframe(content: bytes, manifest: Manifest | None, options: dict[str, Any]) -> pandas.DataFrame:
    """What ``pandas.read_csv`` makes of the bytes, or ``read_json`` of lines of JSON and of a Bundle's resources.

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
    form = {"sep": manifest.delimiter, "encoding": manifest.encoding} if manifest else {}
    return pandas.DataFrame(pandas.read_csv(file, **{**form, **options}))
