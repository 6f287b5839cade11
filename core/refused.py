"""How a verb says no. The text of each is for the person who asked, in the active language: why, and what to do."""

from __future__ import annotations


class Refused(Exception):
    """The verb was not done, and nothing is changed."""


class NotAllowed(Refused):
    """This reader may not do it, or not here."""


class WrongState(Refused):
    """The thing is not in a state for this, or something needed is missing."""


class Moved(WrongState):
    """The thing is no longer as it was shown when it was decided on."""
