"""The jobs of this app lie in their rooms; a worker finds them by this module."""

from documents.acts import jobs as acts_jobs
from documents.desk import jobs as desk_jobs
from documents.equal import jobs as equal_jobs
from documents.intake import jobs as intake_jobs
from documents.letters import jobs as letters_jobs
from documents.links import jobs as links_jobs
from documents.missing import jobs as missing_jobs
from documents.page import jobs as page_jobs
from documents.reading import jobs as reading_jobs
from documents.search import jobs as search_jobs
from documents.watch import jobs as watch_jobs

__all__ = [
    "acts_jobs", "desk_jobs", "equal_jobs", "intake_jobs", "letters_jobs", "links_jobs",
    "missing_jobs", "page_jobs", "reading_jobs", "search_jobs", "watch_jobs",
]  # fmt: skip
