"""What is wrongly visible, out of date, unread or silent, and who can mend it? The publication watch."""

from documents.watch import acts, jobs, lists, looking, rules

__all__ = ["acts", "jobs", "lists", "looking", "rules"]
