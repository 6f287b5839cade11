"""Does every provider get what applies to it? Equal access, counted each day."""

from documents.equal import counting, finding, freezing, jobs, presenting, records, waits

__all__ = ["counting", "finding", "freezing", "jobs", "presenting", "records", "waits"]
