"""Path converters."""

from __future__ import annotations


class NumberConverter:
    """A document's number: a path segment with at least one digit, so that words (`publiceringskontroll`)
    stay free.
    """

    regex = r"(?=[^/]*[0-9])[A-Za-zÅÄÖåäö0-9][A-Za-zÅÄÖåäö0-9._-]{0,39}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
