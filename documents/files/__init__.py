"""Uploaded files: which may come in, what a scanner says, where they lie, and what is in them."""

from documents.files.extraction import Extracted, ExtractionFailed, extract_text
from documents.files.scanning import ScanResult, ScanStatus, configured_scan
from documents.files.storage import local_path, store, sweep_orphans
from documents.files.types import CONTENT_TYPES, PICTURE_KINDS, RejectedFile, inspect_upload

__all__ = [
    "CONTENT_TYPES",
    "PICTURE_KINDS",
    "Extracted",
    "ExtractionFailed",
    "RejectedFile",
    "ScanResult",
    "ScanStatus",
    "configured_scan",
    "extract_text",
    "inspect_upload",
    "local_path",
    "store",
    "sweep_orphans",
]
