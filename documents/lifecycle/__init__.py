"""What happens to a document, from its first draft until it is shown?"""

from documents.lifecycle import numbers, to_come
from documents.lifecycle.drafting import (
    DETAILS,
    add_version,
    attach_file,
    create_document,
    take_in,
    update_document,
    update_draft,
)
from documents.lifecycle.publishing import confirm_content, publish

__all__ = [
    "DETAILS",
    "add_version",
    "attach_file",
    "confirm_content",
    "create_document",
    "numbers",
    "publish",
    "take_in",
    "to_come",
    "update_document",
    "update_draft",
]
