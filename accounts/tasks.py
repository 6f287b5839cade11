"""The jobs of this app lie in their rooms; a worker finds them by this module."""

from accounts.access_review import jobs as access_review_jobs
from accounts.audit import jobs as audit_jobs
from accounts.forms import jobs as forms_jobs
from accounts.invitation_lists import jobs as invitation_lists_jobs
from accounts.invitations import jobs as invitations_jobs
from accounts.notices import jobs as notices_jobs
from accounts.profile import jobs as profile_jobs
from accounts.register import jobs as register_jobs
from accounts.register_lists import jobs as register_lists_jobs
from accounts.requests import jobs as requests_jobs

__all__ = [
    "access_review_jobs",
    "audit_jobs",
    "forms_jobs",
    "invitation_lists_jobs",
    "invitations_jobs",
    "notices_jobs",
    "profile_jobs",
    "register_jobs",
    "register_lists_jobs",
    "requests_jobs",
]
