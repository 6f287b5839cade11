"""What do administrators see and change of providers and people? Not what is typed: drafts are personal."""

from accounts.admin import tidy  # isort: skip  (first: `records` shows jobs in a page of its own)
from accounts.admin import base, people, providers, records

__all__ = ["base", "people", "providers", "records", "tidy"]
