"""Where do a text's links lead? Noted when they are asked for, and addresses elsewhere asked now and then."""

from documents.links import asking, jobs, noting

__all__ = ["asking", "jobs", "noting"]
