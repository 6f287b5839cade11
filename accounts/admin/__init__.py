"""Administration of providers and people. Notices and drafts are not here: what is typed is personal."""

from accounts.admin import tidy  # isort: skip  (first: `records` shows jobs in a page of its own)
from accounts.admin import people, providers, records

__all__ = ["people", "providers", "records", "tidy"]
