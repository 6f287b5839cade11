"""Who is told that something waits, and how? Notices on screen, and e-mails that link and tell nothing."""

from accounts.notices import mail
from accounts.notices.jobs import tell_former_address
from accounts.notices.notifying import (
    DETAILS,
    FOR_STAND_INS,
    KINDS,
    details_of,
    for_reader,
    mark_read,
    notify,
    set_pace,
    text_of,
    unread_urls,
)

__all__ = [
    "DETAILS",
    "FOR_STAND_INS",
    "KINDS",
    "details_of",
    "for_reader",
    "mail",
    "mark_read",
    "notify",
    "set_pace",
    "tell_former_address",
    "text_of",
    "unread_urls",
]
