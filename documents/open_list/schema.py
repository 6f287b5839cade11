"""The open list's JSON Schema, published beside it. Another form of the list is another address."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_ADDRESS = {"type": "string", "format": "uri"}
_DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_DAY = {"type": ["string", "null"], "format": "date"}
_MOMENT = {"type": "string", "format": "date-time"}
_NAMED = {
    "type": "object",
    "properties": {"code": _TEXT, "name": _TEXT},
    "required": ["code", "name"],
    "additionalProperties": False,
}
_FACTS: dict[str, Any] = {
    "title": _TEXT,
    "summary": _TEXT,
    "type": _NAMED,
    "area": {"oneOf": [_NAMED, {"type": "null"}]},
    "owner": _TEXT,
    "contact": _TEXT,
    "version": {"type": "integer", "minimum": 1},
    "change_summary": _TEXT,
    "valid_from": _DAY,
    "valid_to": _DAY,
    "approved": _DAY,
    "approved_by": _TEXT,
    "found_to_hold": _DAY,
    "published": {"type": ["string", "null"], "format": "date-time"},
    "url": {**_ADDRESS, "description": "Lasts, and always shows the version that applies."},
    "version_url": _ADDRESS,
    "file": {
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "url": _ADDRESS,
                    "type": _TEXT,
                    "sha256": _DIGEST,
                },
                "required": ["url", "type", "sha256"],
                "additionalProperties": False,
            },
            {"type": "null"},
        ]
    },
    "language": {"const": "sv"},
    "licence": {"type": ["string", "null"]},
}
_WORDS: dict[str, Any] = {
    "html": {"type": "string", "description": "Sanitised; its addresses are whole."},
    "markdown": _TEXT,
    "pages_left_out": {"type": "integer", "minimum": 0, "description": "Of a long file, which holds them."},
}
_ALWAYS: dict[str, Any] = {"number": _TEXT, "open": {"type": "boolean"}, "changed": _MOMENT}
OPEN_ITEM = {
    "type": "object",
    "properties": {**_ALWAYS, "open": {"const": True}, **_FACTS, **_WORDS},
    "required": [*_ALWAYS, *_FACTS],
    "additionalProperties": False,
}
CLOSED_ITEM = {
    "type": "object",
    "description": "Was open to everybody, and no longer is: take it away.",
    "properties": {**_ALWAYS, "open": {"const": False}},
    "required": [*_ALWAYS],
    "additionalProperties": False,
}


def schema(address: str) -> dict[str, Any]:
    """The schema of a page of the list; `address` is its own."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": "Documents that are open to everybody",
        "type": "object",
        "properties": {
            "schema": _ADDRESS,
            "documents": {"type": "array", "items": {"oneOf": [OPEN_ITEM, CLOSED_ITEM]}},
            "cursor": {"type": "string", "description": "Go on from here another day: ?efter= this."},
            "next": {"type": ["string", "null"], "description": "The address of the next page; null at the end."},
        },
        "required": ["schema", "documents", "cursor", "next"],
        "additionalProperties": False,
    }
