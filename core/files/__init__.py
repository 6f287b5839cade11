"""Uploaded files: which may come in, what a scanner says, what is taken out, where they lie, and what is in them."""

from core.files.drawing import WIDTHS, Drawn, TooManyAtOnce, drawn, figure
from core.files.drawing import sweep as sweep_drawn
from core.files.extraction import (
    FAULTS,
    READER,
    REMOVED,
    WARNINGS,
    Extracted,
    ExtractionFailed,
    Limits,
    extract_text,
    render_text,
)
from core.files.receiving import Received, receive
from core.files.serving import gone, opened
from core.files.storage import local_path, store, sweep_orphans
from core.files.types import CONTENT_TYPES, RejectedFile

__all__ = [
    "CONTENT_TYPES",
    "FAULTS",
    "READER",
    "REMOVED",
    "WARNINGS",
    "WIDTHS",
    "Drawn",
    "Extracted",
    "ExtractionFailed",
    "Limits",
    "Received",
    "RejectedFile",
    "TooManyAtOnce",
    "drawn",
    "extract_text",
    "figure",
    "gone",
    "local_path",
    "opened",
    "receive",
    "render_text",
    "store",
    "sweep_drawn",
    "sweep_orphans",
]
