"""May a file come in, where does it lie, what is in it, and how is it served?"""

from core.files import drawing, extraction, receiving, scanning, serving, storage, tables, types

__all__ = ["drawing", "extraction", "receiving", "scanning", "serving", "storage", "tables", "types"]
