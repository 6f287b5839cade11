"""A fault of a form in words that say what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.forms import BoundField, Field, widgets
from django.utils.text import capfirst
from django.utils.translation import gettext as _

# Django's own message, which names nothing.
_NAMELESS = Field.default_error_messages["required"]


def words_of(bound: BoundField) -> Iterator[str]:
    """The field's faults. "This field is required" becomes what is missing, by the field's label; a form's own words
    stand as they are.
    """
    for fault in bound.errors.as_data():
        yield from _missing(bound) if _is_nameless(fault) else map(str, fault.messages)


def _is_nameless(fault: ValidationError) -> bool:
    return fault.code == "required" and str(fault.message) == str(_NAMELESS)


def _missing(bound: BoundField) -> Iterator[str]:
    label, widget = capfirst(str(bound.label)).rstrip(":"), bound.field.widget
    if isinstance(widget, widgets.CheckboxInput):
        yield _("Tick “%s”.") % label
    elif isinstance(widget, widgets.FileInput):
        yield _("Choose a file for “%s”.") % label
    elif isinstance(widget, widgets.ChoiceWidget):
        yield _("Choose something for “%s”.") % label
    else:
        yield _("Fill in “%s”.") % label
