"""How letters look in a Word document, where that is what they mean: struck, raised, a sign of a font of signs; and
what a form holds: a tick, a chosen value. No Django here.

Word lets a style of letters or of paragraphs say it too (ECMA-376 17.7.2: the run's own properties win over its style,
and that over the paragraph's). The tree is changed so that each run says it of itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from core.sandbox.symbols import is_symbolic, sign

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
TICKED, UNTICKED = "☒", "☐"
# Elements by which it is known that something here is to be done.
SIGNS = frozenset(("strike", "dstrike", "vertAlign", "position", "sym", "checkbox", "ffData", "ptab", "cr"))
_OFF = ("0", "false", "off", "none")
_MOST_DERIVED = 20


@dataclass(frozen=True)
class Look:
    """The look that properties give; None for a look they say nothing about."""

    struck: bool | None = None
    # "superscript", "subscript" or "baseline".
    raised: str | None = None
    font: str | None = None

    def over(self, other: Look) -> Look:
        return Look(
            other.struck if self.struck is None else self.struck,
            other.raised if self.raised is None else self.raised,
            self.font or other.font,
        )


def look_of(properties: ET.Element | None) -> Look:
    if properties is None:
        return Look()
    struck = None
    for name in ("strike", "dstrike"):
        mark = properties.find(f"{W}{name}")
        if mark is not None:
            struck = bool(struck) or mark.get(f"{W}val", "true").lower() not in _OFF
    raised = _value(properties, "vertAlign") or None
    position = _value(properties, "position")
    if raised in (None, "baseline") and position.lstrip("-").isdigit() and int(position):
        # Half a point or more up or down.
        raised = "subscript" if position.startswith("-") else "superscript"
    fonts = properties.find(f"{W}rFonts")
    font = fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") if fonts is not None else None
    return Look(struck, raised, font)


def _value(properties: ET.Element | None, name: str) -> str:
    found = properties.find(f"{W}{name}") if properties is not None else None
    return found.get(f"{W}val", "") if found is not None else ""


class Styles:
    """The look that each style gives, and those that it is based on."""

    def __init__(self, root: ET.Element | None) -> None:
        self._own: dict[str, tuple[Look, str]] = {}
        self._known: dict[str, Look] = {}
        for style in root.iter(f"{W}style") if root is not None else ():
            name = style.get(f"{W}styleId", "")
            self._own[name] = look_of(style.find(f"{W}rPr")), _value(style, "basedOn")

    def look(self, name: str) -> Look:
        if name not in self._known:
            look, at = Look(), name
            for _step in range(_MOST_DERIVED):
                if at not in self._own:
                    break
                look, at = look.over(self._own[at][0]), self._own[at][1]
            self._known[name] = look
        return self._known[name]


class Settler:
    """One document's. `changed`: something was; `unknown`: there are signs that nobody here knows."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.changed = self.unknown = False

    def settle(self, root: ET.Element) -> None:
        for control in list(root.iter(f"{W}sdtPr")):
            self._ticked(root, control)
        for paragraph in root.iter(f"{W}p"):
            base = self.styles.look(_value(paragraph.find(f"{W}pPr"), "pStyle"))
            for run in list(paragraph.iter(f"{W}r")):
                self._run(run, base)

    def _run(self, run: ET.Element, base: Look) -> None:
        properties = run.find(f"{W}rPr")
        own = look_of(properties)
        look = own.over(self.styles.look(_value(properties, "rStyle"))).over(base)
        if look.struck or look.raised in ("superscript", "subscript"):
            if properties is None:
                properties = ET.Element(f"{W}rPr")
                run.insert(0, properties)
            for name in ("strike", "dstrike", "vertAlign", "position"):
                for old in properties.findall(f"{W}{name}"):
                    properties.remove(old)
            if look.struck:
                ET.SubElement(properties, f"{W}strike")
            if look.raised in ("superscript", "subscript"):
                ET.SubElement(properties, f"{W}vertAlign", {f"{W}val": look.raised})
            self.changed = True
        for n, child in enumerate(list(run)):
            if child.tag == f"{W}sym":
                run[n] = _text(self._sign(child.get(f"{W}font", ""), int(child.get(f"{W}char", "0") or "0", 16)))
            elif child.tag == f"{W}ptab":
                run[n] = ET.Element(f"{W}tab")
            elif child.tag == f"{W}cr":
                run[n] = ET.Element(f"{W}br")
            elif child.tag == f"{W}fldChar" and (data := child.find(f"{W}ffData")) is not None:
                self._field(run, child, data)
            elif child.tag == f"{W}t" and is_symbolic(look.font):
                child.text = "".join(self._sign(look.font or "", ord(c)) for c in child.text or "")
            else:
                continue
            self.changed = True

    def _sign(self, font: str, code: int) -> str:
        if code < 0x21:
            return " "
        found = sign(font, code)
        self.unknown = self.unknown or found is None
        return found or "□"

    def _field(self, run: ET.Element, begin: ET.Element, data: ET.Element) -> None:
        """A box of a form as it stands, and what was chosen in a list of one: Word writes neither as text."""
        box, chosen = data.find(f"{W}checkBox"), data.find(f"{W}ddList")
        begin.remove(data)
        if box is not None:
            state = box.find(f"{W}checked")
            state = box.find(f"{W}default") if state is None else state
            is_ticked = state is not None and state.get(f"{W}val", "true").lower() not in _OFF
            run.insert(list(run).index(begin), _text(TICKED if is_ticked else UNTICKED))
        elif chosen is not None:
            entries = [entry.get(f"{W}val", "") for entry in chosen.findall(f"{W}listEntry")]
            at = _value(chosen, "result") or _value(chosen, "default") or "0"
            if at.isdigit() and int(at) < len(entries):
                run.insert(list(run).index(begin), _text(entries[int(at)]))

    def _ticked(self, root: ET.Element, control: ET.Element) -> None:
        """A box to tick: its content shows the sign that the writer chose for it; ours says how it stands."""
        box = control.find(f"{W14}checkbox")
        if box is None:
            return
        control.remove(box)
        state = box.find(f"{W14}checked")
        is_ticked = state is not None and state.get(f"{W14}val", "0").lower() not in _OFF
        holder = next((e for e in root.iter(f"{W}sdt") if e.find(f"{W}sdtPr") is control), None)
        texts = list(holder.iter(f"{W}t")) if holder is not None else []
        for n, text in enumerate(texts):
            text.text = (TICKED if is_ticked else UNTICKED) if n == 0 else ""
        self.changed = True


def _text(words: str) -> ET.Element:
    made = ET.Element(f"{W}t", {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    made.text = words
    return made
