"""Documents of --json that say what people decided and what was rendered; the others are in sequences.queries.

Times are seconds as numbers; `file` is an absolute path.
"""

from __future__ import annotations

from typing import Any

from dailies.models import Export
from sequences import storage


def export_document(export: Export) -> dict[str, Any]:
    """A rendered export, as `export_cut` prints it."""
    facts = export.facts
    return {
        "export": {
            "file": str(storage.absolute(export.file)),
            "format": export.format,
            "seconds": facts["seconds"],
            "frames": facts["frames"],
            "width": facts["width"],
            "height": facts["height"],
            "rate": facts["rate"],
            "sha256": facts["sha256"],
            "gaps": facts["gaps"],
        }
    }
