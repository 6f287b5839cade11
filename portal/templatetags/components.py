"""The parts every page is made of, as template tags.

Markup lives in templates/components/; templates/portal/components.html shows each part. Registered as
built-ins, so templates need no `{% load %}`.

A wrong icon, kind or level raises: it is a mistake in a template, and a test that renders the page finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, SplitDateTimeField, widgets
from django.forms.formsets import BaseFormSet
from django.forms.utils import ErrorList
from django.http import HttpRequest
from django.template import Context
from django.template.base import Parser, Token
from django.template.defaultfilters import capfirst
from django.template.defaulttags import CsrfTokenNode
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.forms import opened_as
from core import clock
from portal.faults import words_of

register = template.Library()


class _FormToken(CsrfTokenNode):
    """Django's own token, and who opened the form, as what (`accounts.forms.opened_as`): so every form carries both."""

    def render(self, context: Context) -> str:
        request = context.get("request")
        own = super().render(context)
        # A page without a reader (a fault's, say) or for nobody has nothing to say of who opened it.
        reader = getattr(request, "reader", None)
        if reader is None or reader.user_id is None:
            return own
        field = '<input type="hidden" name="{}" value="{}">'
        return format_html("{}" + field, own, opened_as.FIELD, opened_as.stamp(reader))


@register.tag("csrf_token")
def csrf_token(parser: Parser, token: Token) -> _FormToken:
    return _FormToken()


# Strokes of 24 × 24 icons. Ours; the style (line, colour, size) is in base.css.
ICONS = {
    "arrow-left": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "arrow-right": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "bell": '<path d="M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4"/>',
    "building": '<path d="M5 21V4h10v17M15 10h4v11M3 21h18M9 8h2M9 12h2M9 16h2"/>',
    "calendar": '<path d="M4 6h16v15H4zM4 10.5h16M8 3v5M16 3v5"/>',
    "camera": '<path d="M3 8h4l2-3h6l2 3h4v12H3z"/><circle cx="12" cy="13.5" r="3.5"/>',
    "card": (
        '<path d="M3 5h18v14H3zM14 10h4M14 14h4"/><circle cx="8.5" cy="10.5" r="2"/><path d="M5.5 16c.5-2 5.5-2 6 0"/>'
    ),
    "chart": '<path d="M4 4v16h16M8 15l4-5 3 3 5-7"/>',
    "check": '<path d="m4 12.5 5.5 5.5L20 7"/>',
    "circle": '<circle cx="12" cy="12" r="8"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "document": '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>',
    "download": '<path d="M12 4v12M7 11l5 5 5-5M4 20h16"/>',
    "edit": '<path d="M4 20v-4L16 4l4 4L8 20zM13 7l4 4"/>',
    "external": '<path d="M14 4h6v6M20 4l-9 9M18 14v6H4V6h6"/>',
    "eye": '<path d="M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7z"/><circle cx="12" cy="12" r="3"/>',
    "flag": '<path d="M5 21V4h13l-3 4.5L18 13H5"/>',
    "half": '<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/>',
    "home": '<path d="M3 11.5 12 4l9 7.5M5.5 10v10h13V10"/>',
    "inbox": '<path d="M3 13h5l1.5 3h5L16 13h5M3 13l3-8h12l3 8v6H3z"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.5v.1"/>',
    "key": '<circle cx="8" cy="15.5" r="4.5"/><path d="M11.2 12.3 20 3.5M15.5 8l3 3M18.5 5l2 2"/>',
    "link": ('<path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"/>'),
    "lock": '<path d="M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3"/>',
    "mail": '<path d="M3 5h18v14H3zM3 6.5l9 7 9-7"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "moon": '<path d="M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z"/>',
    "people": (
        '<circle cx="9" cy="8" r="3.5"/>'
        '<path d="M2.5 20c.5-4.5 3-6 6.5-6s6 1.5 6.5 6"/>'
        '<path d="M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.5c2.2.8 3.2 2.5 3.5 5.5"/>'
    ),
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4-6.5 8-6.5s7 1.5 8 6.5"/>',
    "phone": ('<path d="M5 3h4l2 5-2.5 2a12 12 0 0 0 5.5 5.5l2-2.5 5 2v4c0 1-1 2-2 2A17 17 0 0 1 3 5q0-2 2-2z"/>'),
    "minus": '<path d="M5 12h14"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "print": '<path d="M7 8V3h10v5M7 17H3V8h18v9h-4M7 14h10v7H7z"/>',
    "report": '<path d="M4 5h16v11H11l-4 4v-4H4zM12 8v5M9.5 10.5h5"/>',
    "saved": '<path d="M7 18a4.5 4.5 0 0 1-.5-9A6 6 0 0 1 18 8.5a4.5 4.5 0 0 1 0 9.5zM9 13l2.5 2.5L16 11"/>',
    "search": '<circle cx="11" cy="11" r="7"/><path d="m16.5 16.5 4.5 4.5"/>',
    "send": '<path d="M3 12 21 4l-6 17-4-7z"/>',
    "settings": (
        '<path d="M4 7h10M18 7h2M4 17h2M10 17h10"/><circle cx="16" cy="7" r="2"/><circle cx="8" cy="17" r="2"/>'
    ),
    "shared": '<path d="M3 8h14l-3.5-3.5M21 16H7l3.5 3.5"/>',
    "shield": '<path d="M12 3 4 6v6c0 5 3.5 7.5 8 9 4.5-1.5 8-4 8-9V6z"/>',
    "sign-out": '<path d="M10 4H4v16h6M9 12h12M16.5 7.5 21 12l-4.5 4.5"/>',
    "star": '<path d="m12 3.5 2.7 5.6 6.1.8-4.5 4.2 1.1 6.1-5.4-3-5.4 3 1.1-6.1L3.2 9.9l6.1-.8z"/>',
    "upload": '<path d="M12 20V8M7 13l5-5 5 5M4 4h16"/>',
    "warning": '<path d="M12 3.5 22 20.5H2zM12 10v5M12 17.8v.1"/>',
}
# The meaning of each kind of badge and notice: see tokens.css. "" is neutral.
KINDS = frozenset({"", "act", "wait", "stop", "done", "own"})
STONES = (
    '<rect{} x="2" y="18.5" width="20" height="4.2" rx="2.1"/>',
    '<rect{} x="3.8" y="13.2" width="16.4" height="4" rx="2"/>',
    '<rect{} x="6" y="8.2" width="12.5" height="3.7" rx="1.85"/>',
    '<rect{} x="8.5" y="3.5" width="7.5" height="3.4" rx="1.7"/>',
)


# Marks ------------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of ICONS, hidden from screen readers: a word always stands beside it."""
    try:
        strokes = ICONS[name]
    except KeyError:
        raise ValueError(f"no icon {name!r}; there are: {', '.join(ICONS)}") from None
    return mark_safe(  # noqa: S308 (constants of this module)
        f'<svg class="icon" aria-hidden="true" viewBox="0 0 24 24" width="20" height="20">{strokes}</svg>'
    )


@register.simple_tag
def cairn(level: int) -> SafeString:
    """Stacked stones, `level` 1 to 4 of them filled. Decorative: say the level in words beside it."""
    level = int(level)
    if not 1 <= level <= len(STONES):
        raise ValueError(f"a cairn has 1 to {len(STONES)} stones, not {level}")
    stones = "".join(stone.format(' class="on"' if i < level else "") for i, stone in enumerate(STONES))
    return mark_safe(  # noqa: S308 (constants of this module)
        f'<svg class="cairn" aria-hidden="true" viewBox="0 0 24 24" width="24" height="24">{stones}</svg>'
    )


@register.simple_tag
def level(value: int, text: str) -> SafeString:
    """A level 1 to 4 as stones and word: urgency, risk, severity."""
    return format_html('<span class="level level--{}">{} {}</span>', int(value), cairn(value), text)


@register.simple_tag
def badge(kind: str, icon_name: str, text: str) -> SafeString:
    """The state of a thing: colour by `kind` (of KINDS), icon and word, always all three."""
    if kind not in KINDS:
        raise ValueError(f"no badge kind {kind!r}; there are: {', '.join(sorted(KINDS))}")
    style = f"badge badge--{kind}" if kind else "badge"
    return format_html('<span class="{}">{} {}</span>', style, icon(icon_name), text)


@register.simple_tag
def changed_text(kind: str, text: object) -> SafeString:
    """A text that is "added" or "struck" in a comparison: by look, and in words for screen readers."""
    element, word = ("ins", _("added")) if kind == "added" else ("del", _("struck"))
    said = format_html('<span class="sr">[{}: </span>{}<span class="sr">]</span>', word, text)
    return format_html("<{}>{}</{}>", mark_safe(element), said, mark_safe(element))  # noqa: S308 (constants)


# How each state looks: of cases and their parts, and of openings that somebody has asked for.
STATE_LOOKS = {
    "case": {
        "needs_recipient": ("wait", "inbox"),
        "received": ("wait", "inbox"),
        "info_requested": ("wait", "info"),
        "answered": ("done", "check"),
        "closed": ("done", "check"),
        "misdirected": ("", "arrow-right"),
        "forwarded": ("", "arrow-right"),
        "withdrawn": ("", "arrow-right"),
    },
    "opening": {"waiting": ("wait", "clock"), "confirmed": ("done", "check")},
    "action": {"under_way": ("act", "clock"), "done": ("done", "check"), "dropped": ("", "close")},
}
_OTHER_STATE = {"case": ("act", "clock"), "opening": ("", "close"), "action": ("", "info")}


@register.simple_tag
def state_badge(of: str, state: str, label: object) -> SafeString:
    """The state of a thing `of` a kind in STATE_LOOKS: one look and one word for one state, everywhere."""
    kind, icon_name = STATE_LOOKS[of].get(str(state), _OTHER_STATE[of])
    return badge(kind, icon_name, capfirst(str(label)))


@register.simple_tag
def brand_mark() -> SafeString:
    """The cairn of the portal."""
    return mark_safe(  # a constant
        '<svg class="brand__mark" aria-hidden="true" viewBox="0 0 40 40" width="40" height="40">'
        '<rect x="2" y="28" width="36" height="10" rx="5"/>'
        '<rect x="7" y="16.5" width="25" height="9.5" rx="4.75"/>'
        '<rect class="top" x="13" y="5.5" width="15" height="9" rx="4.5"/></svg>'
    )


@register.inclusion_tag("components/ridge.html")
def ridge() -> dict[str, Any]:
    """The horizon at the foot of `.hero`: the start page and sign-in only."""
    return {}


@register.simple_tag
def qr_code(svg: str, label: str) -> SafeString:
    """A code square inline, because the policy allows no `data:` pictures; `label` names it.

    `svg` is one that the server drew (allauth's `totp_svg`): an XML prologue and an `svg` of one `path`.
    Only the size and the path's strokes are taken over, so nothing else can come in with it.
    """
    box = re.search(r'viewBox="([\d. ]+)"', svg)
    path = re.search(r'<path[^>]*\bd="([MmHhVvLlZz\d.,\s-]+)"', svg)
    if not box or not path:
        raise ValueError("not a code square of one path")
    return format_html(
        '<div class="qr"><svg role="img" aria-label="{}" viewBox="{}"><path d="{}"/></svg></div>',
        label,
        box[1],
        path[1],
    )


@register.simple_tag
def icon_names() -> list[str]:
    """All names that `icon` takes, for the components page."""
    return list(ICONS)


# Ways on ----------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/crumbs.html")
def crumbs(*steps: str) -> dict[str, Any]:
    """The way to this page: `{% crumbs label url label url label %}`. A last label without address is this page."""
    pairs = [(steps[i], steps[i + 1] if i + 1 < len(steps) else "") for i in range(0, len(steps), 2)]
    return {"steps": pairs}


@register.inclusion_tag("components/page_links.html", takes_context=True)
def page_links(context: Context, page: Any, label: str = "", param: str = "sida") -> dict[str, Any]:
    """The links between the pages of a list; nothing where there is one page.

    `page` is a Django `Page` (numbered links that keep the address's other parameters, number in `param`), or
    any pager by key with `previous_url` and `next_url` (None where there is none). `label` names the list.
    """
    result: dict[str, Any] = {"label": label, "previous": "", "next": "", "numbers": []}
    if not hasattr(page, "paginator"):
        return result | {
            "previous": getattr(page, "previous_url", "") or "",
            "next": getattr(page, "next_url", "") or "",
        }

    def address(number: int) -> str:
        request: HttpRequest | None = context.get("request")
        query = request.GET.copy() if request else None
        if query is None:
            return f"?{param}={number}"
        query[param] = str(number)
        return f"?{query.urlencode()}"

    if page.paginator.num_pages > 1:
        result["numbers"] = [
            {"number": n, "url": address(n) if isinstance(n, int) else "", "current": n == page.number}
            for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        ]
    if page.has_previous():
        result["previous"] = address(page.previous_page_number())
    if page.has_next():
        result["next"] = address(page.next_page_number())
    return result


@register.inclusion_tag("components/empty.html", name="empty_state")
@register.inclusion_tag("components/empty.html", name="empty")
def empty(title: str, text: str = "", url: str = "", label: str = "", heading: int = 2) -> dict[str, Any]:
    """Nothing here: what will come (`text`), and one way on (`url`, `label`). `heading` is the level, 2 or 3.

    Inside a `{% for %}`, before the loop's own `{% empty %}`, write `{% empty_state … %}`: Django would take
    the other for the loop's clause.
    """
    return {"title": title, "text": text, "url": url, "label": label, "heading": heading}


# Forms ------------------------------------------------------------------------------------------------------
def _look(bound: BoundField) -> str:
    """Which markup a field needs: by its widget, not its type, because the widget is what is on the page."""
    widget = bound.field.widget
    if isinstance(widget, (widgets.RadioSelect, widgets.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, widgets.CheckboxInput):
        return "check"
    if isinstance(widget, widgets.Textarea):
        return "textarea"
    if isinstance(widget, widgets.Select):
        return "select"
    if isinstance(widget, widgets.FileInput):
        return "file"
    if isinstance(widget, widgets.MultiWidget):
        return "group"
    return "input"


SHORT_INPUTS = frozenset({"date", "time", "number", "datetime-local", "month", "week"})


def _anchor(bound: BoundField) -> str:
    """The id that an error's link goes to: the control, or the first of a group."""
    look = _look(bound)
    if look == "choices" and bound.subwidgets:
        return str(bound.subwidgets[0].id_for_label)
    if look == "group":
        return f"{bound.auto_id}_group"
    return bound.id_for_label or bound.auto_id


def _control(bound: BoundField, look: str, described_by: str, own_attrs: dict[str, Any]) -> SafeString:
    style = {"textarea": "textarea", "select": "select", "input": "input", "group": "input"}.get(look, "")
    widget = bound.field.widget
    if look == "input" and getattr(widget, "input_type", "") in SHORT_INPUTS:
        style += " input--short"
    attrs = {
        "class": " ".join(filter(None, (style, widget.attrs.get("class", "")))) or False,
        # A form's placeholder vanishes when it is needed: label and hint say it instead.
        "placeholder": False,
        # False is left out by Django's widgets, and keeps Django from naming ids that are not on the page.
        "aria-describedby": described_by or False,
        **own_attrs,
    }
    return bound.as_widget(attrs=attrs)


def _name_parts(bound: BoundField, label: str) -> None:
    """Name each control of a group, which has one legend and no labels. The widget is the form's own copy."""
    parts = bound.field.widget.widgets
    names = [_("date"), _("time")] if isinstance(bound.field, SplitDateTimeField) else range(1, len(parts) + 1)
    for part, name in zip(parts, names, strict=False):
        part.attrs.setdefault("aria-label", f"{label} {name}")


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    *,
    label: str | None = None,
    hint: str | bool | None = None,
    optional: bool | None = None,
    large: bool = False,
    columns: int = 1,
    attrs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A form's field with label, hint, error beside it and `aria-describedby` to both.

    `label` and `hint` replace the form's own (`hint=False` takes it away). "(optional)" is written where the
    field is not required; `optional=False` takes it away, as in a form to search with. `large` is for the
    question of a page. `columns` (1 to 3) lays choices side by side. `attrs` goes to the control. A form can
    give each of its choices a line of help: `form.fields["kind"].choice_help = {value: text}`.
    """
    look = _look(bound)
    own_hint = bound.help_text if hint is None else (hint or "")
    ids = [f"{bound.auto_id}_helptext"] if own_hint and look != "check" else []
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
    described_by = " ".join(filter(None, (bound.field.widget.attrs.get("aria-describedby", ""), *ids)))
    context = {
        "bound": bound,
        "look": look,
        "label": capfirst(str(bound.label)) if label is None else label,
        "hint": own_hint,
        "optional": not bound.field.required and look != "check" if optional is None else optional,
        "large": large,
        "columns": columns,
        "described_by": described_by,
        "faults": list(words_of(bound)),
    }
    if look == "choices":
        helps = {str(value): text for value, text in getattr(bound.field, "choice_help", {}).items()}
        context["choices"] = [
            {
                "tag": choice.tag(),
                "label": choice.choice_label,
                "help": helps.get(str(choice.data["value"]), ""),
            }
            for choice in bound.subwidgets
        ]
    else:
        if look == "group":
            _name_parts(bound, str(context["label"]))
        # A fieldset carries the description of a group; on its controls it would be read once for each.
        context["control"] = _control(bound, look, "" if look == "group" else described_by, attrs or {})
    return context


def _forms(things: tuple[Any, ...]) -> Iterator[BaseForm | BaseFormSet]:
    for thing in things:
        if isinstance(thing, BaseFormSet):
            yield thing
            yield from thing.forms
        elif thing:
            yield thing


def _faults(form: BaseForm | BaseFormSet) -> Iterator[dict[str, str]]:
    general: ErrorList = form.non_form_errors() if isinstance(form, BaseFormSet) else form.non_field_errors()
    for message in general:
        yield {"label": "", "message": str(message), "anchor": ""}
    if isinstance(form, BaseFormSet):
        return
    for name in form.errors:
        if name not in form.fields:
            continue
        bound = form[name]
        label = "" if bound.is_hidden else capfirst(str(bound.label))
        if label and label[-1] not in "?:.":
            label += ":"
        for message in words_of(bound):
            yield {"label": label, "message": message, "anchor": "" if bound.is_hidden else _anchor(bound)}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any, heading: int = 2) -> dict[str, Any]:
    """The faults to mend, first in the page, in the order of the forms; nothing if nothing is wrong.

    Takes forms and formsets (None is passed over). Each line links to its field and carries its name, because
    the same message may stand twice. Once in a page. `{{ form }}` brings its own.
    """
    faults = [fault for form in _forms(forms) for fault in _faults(form)]
    return {"faults": faults, "heading": heading}


@register.simple_tag
def any_errors(*forms: Any) -> bool:
    """Whether any of these forms and formsets has errors: for a page's `form_has_errors`."""
    return any(True for form in _forms(forms) for _ in _faults(form))


# Dates ------------------------------------------------------------------------------------------------------
def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.filter
def swedish_date(value: date | datetime | None, style: str = "") -> str:
    """ "20 november 2026" in Swedish time; with `:"weekday"` "fredag 20 november 2026"; with `:"short"` "20 nov", the
    year only where it is another than this one; "" for None."""
    if not value:
        return ""
    local = _local(value)
    if style == "short":
        return formats.date_format(local, "j b" if local.year == clock.today().year else "j b Y")
    return formats.date_format(local, "l j F Y" if style == "weekday" else "j F Y")


@register.filter
def swedish_datetime(value: datetime | None) -> str:
    """ "20 november 2026 10.42" in Swedish time; "" for None."""
    return formats.date_format(_local(value), "j F Y H.i") if value else ""


@register.simple_tag
def moment(at: datetime | None, has_time: bool) -> str:
    """ "fredag 20 november 2026 kl. 14.30" in Swedish time; the day alone where no time is known."""
    day = swedish_date(at, "weekday")
    if not at or not has_time:
        return day
    return _("%(day)s at %(time)s") % {"day": day, "time": formats.date_format(_local(at), "H.i")}


# allauth's elements are told apart by words ("tags"); these are the ones that mean something to us.
ELEMENT_BUTTONS = (
    ("danger", "btn--stop"),
    ("link", "btn--quiet"),
    ("cancel", "btn--quiet"),
    ("secondary", "btn--second"),
    ("outline", "btn--second"),
    ("panel", "btn--second"),
    ("tool", "btn--second btn--s"),
)


@register.simple_tag
def element_button_style(tags: list[str] | None) -> str:
    """The classes of an allauth button from its tags: a primary button unless a tag says less."""
    return " ".join(["btn", *[style for tag, style in ELEMENT_BUTTONS if tag in (tags or [])][:1]])


@register.simple_tag
def attributes(**values: Any) -> SafeString:
    """HTML attributes of those values that are set: True stands alone; False, None and "" are left out."""
    return format_html_join(
        "",
        ' {}="{}"',
        ((name, "" if value is True else value) for name, value in values.items() if value not in (None, False, "")),
    )
