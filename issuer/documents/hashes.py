"""What a document is known by. A projection names it too, and should not load the database for that."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def document_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document's canonical form, as the contracts' bytes32."""
    return "0x" + hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()
