"""Text, title, headings and readable HTML of an uploaded file, read in a confined process of its own.

PDF libraries are native code and all parsers meet files from strangers. A reader that is taken over, hangs or eats
memory does so in `core/sandbox/worker.py`, which has no environment, no network where the system allows that, little
memory and little time. Its answer is treated as hostile too: the size is capped, the shape checked, the text cleaned
and the HTML sanitised here.

The process runs as the same system user as the server. A hardened installation gives the whole service no
more rights on disk than it needs; this module does not replace that.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import selectors
import signal
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core import nursery
from core.sandbox.html import sanitise
from core.sandbox.text import MAX_HEADINGS, MAX_TITLE_CHARS, cap_text, clean_text, one_line, without_endless

WORKER = Path(__file__).resolve().parents[1] / "sandbox" / "worker.py"
# The edition of the reader: raised when it reads better, so that files can be read again (`manage.py read_again`).
READER = 7
KINDS = frozenset({"pdf", "docx", "odt"})
WARNINGS = frozenset(
    {
        "no_text",  # nothing to search in: a scanned document, or an empty one
        "scanned_pages",  # some page of a PDF is a picture only
        "untagged_pdf",  # no structure for a screen reader
        "images_without_alt",
        "images_omitted",  # the readable HTML lacks pictures that the file has
        "html_omitted",  # too long to be shown as a page
        "cut",  # too long: only its beginning is shown and searched
        "parts_omitted",  # the readable HTML lacks fields, formulas, inserted documents or diagrams
        "headers_omitted",  # and what stands in headers and footers
        "unknown_signs",  # signs of a font of signs that are not known: a box stands for each
        "garbled_letters",  # the file's letters are not those that are seen: nothing is found, nor read aloud
        "layout_omitted",  # headings, lists and tables could not be told: the words are shown page by page
        "lines_beside",  # blank lines in cells of a table: what stands beside what is seen, not told
        "tables_without_header",  # no cell of a table heads its columns or its rows
        "tables_left_out",  # tables that could not be rebuilt with certainty: their place says where they are
        "text_left_out",  # words that may not say what the page does: its part of the page is shown in their place
        "words_left_out",  # of a Word or OpenDocument file: words that its page has not, said at their place
        "tracked_changes",
        "comments",
        "hidden_text",  # marked as hidden, or white on white; taken out of what is shown and searched
        "covered_text",  # under a bar or a picture: can be copied out of the file
        "restricted_pdf",  # opens for all, but forbids printing, copying or reading aloud
        "scripts_in_pdf",
        "attachments_in_pdf",
    }
)
FAULTS = frozenset({"timeout", "memory", "encrypted", "damaged", "too_many_pages", "no_pages", "busy"})
# Faults that a worker says of a file; the others are found out about the worker.
_TOLD = FAULTS - {"timeout", "busy"}
# The server's own fault, and no file's: tried again.
PASSING = frozenset({"busy"})
REMOVED = frozenset({"scripts_removed", "attachments_removed", "outside_removed"})
# Facts of the reader's own fault that may stand in the log: a kind of error, a file of ours and its line.
_FAULT = re.compile(r"[^A-Za-z0-9_.: ]")
_MiB = 1024 * 1024
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """The cost that one reading may have. `cpu_seconds`, of the processor's time by attempt, is the limit for a file;
    `seconds`, by the clock for all attempts together, only keeps a process that does nothing from being waited for. A
    busy server takes long over a good file.
    """

    seconds: float = 300.0
    cpu_seconds: int = 25
    memory_bytes: int = 1024 * _MiB
    max_pages: int = 2000
    max_text_bytes: int = 5_000_000
    max_html_chars: int = 5_000_000
    max_part_bytes: int = 64 * _MiB
    max_output_bytes: int = 32 * _MiB
    max_written_bytes: int = 200 * _MiB


# Somebody waits for these.
UPLOADING = Limits(seconds=60.0)
RENDERING = Limits(seconds=60.0, cpu_seconds=5)


@dataclass(frozen=True)
class Extracted:
    """The text and signs of one file.

    `text` is plain, at most `Limits.max_text_bytes` of UTF-8, with `\\f` between the pages of a PDF. `pages`
    is None for formats without fixed pages. `html` is sanitised and finished, and empty where nothing could be made
    of the file but words; its headings begin at h2, `<span class="doc-page" id="sida-2">` is where a page
    begins, a picture is `<span class="doc-image">its description</span>`. `warnings` are codes of `WARNINGS`.
    """

    text: str
    pages: int | None = None
    title: str = ""
    headings: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    truncated: bool = False
    html: str = ""


@dataclass
class ExtractionFailed(Exception):
    """The file could not be read. `code` is one of FAULTS.

    `message` is for the person, in the active language; `detail` is for the log and never holds text of the
    file.
    """

    code: str
    message: str
    detail: str = field(default="")

    def __str__(self) -> str:
        return f"{self.code} ({self.detail})" if self.detail else self.code

    @property
    def is_passing(self) -> bool:
        """It lay with the server, and may go well another time."""
        return self.code in PASSING


def extract_text(path: str | os.PathLike[str], kind: str, *, limits: Limits = Limits()) -> Extracted:
    """Reads the file at `path` of the given kind (`pdf`, `docx` or `odt`), within `limits`.

    Raises `ExtractionFailed` when the file cannot be read within the limits, and `ValueError` for another
    kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no reader for files of kind {kind!r}")
    return _checked(_ask("extract", path, kind, limits), limits)


def needs_password(path: str | os.PathLike[str], *, limits: Limits = Limits()) -> bool:
    """Whether a PDF cannot be opened without a password.

    A PDF that is encrypted only to restrict printing or copying opens for everybody and answers False. Raises
    `ExtractionFailed` when the file cannot be opened for another reason.
    """
    try:
        _ask("probe", path, "pdf", limits)
    except ExtractionFailed as failure:
        if failure.code == "encrypted":
            return True
        raise
    return False


def clean_copy(
    path: str | os.PathLike[str], target: str | os.PathLike[str], kind: str, *, bare: bool, limits: Limits = Limits()
) -> tuple[str, ...]:
    """Writes a copy of the file (`pdf`, `docx`, `odt`, `jpeg` or `png`) without what acts or fetches from outside.

    `bare`: also without what tells of its maker. Gives codes of `REMOVED`, empty where nothing had to go. Raises
    `ExtractionFailed` when it cannot be done. The copy comes from a process that met a stranger's file: inspect it.
    """
    answer = _ask("clean", path, kind, limits, target=os.path.abspath(target), bare=bare)
    return tuple(code for code in answer.get("removed", []) if code in REMOVED)


def draw_page(
    path: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    page: int,
    width: int,
    box: tuple[int, int, int, int] | None,
    limits: Limits = Limits(),
) -> str:
    """Draws a page of the PDF at `path` into `target`, and says of what kind the picture is (`png` or `webp`).

    Raises `ExtractionFailed` when it cannot be drawn. The written file comes from a process that met a stranger's file.
    """
    more = {"target": os.path.abspath(target), "page": page, "width": width, "box": box}
    return _string(_ask("draw", path, "pdf", limits, **more).get("kind"))


def render_text(body: str, number: str, *, limits: Limits | None = None) -> str:
    """Markdown as HTML (`core.sandbox.written_text`), made in the confined process: for a text that may take long.

    Raises `ExtractionFailed` where it takes more than `limits`.
    """
    limits = limits or RENDERING
    with tempfile.TemporaryDirectory(prefix="render-") as folder:
        path = Path(folder) / "text"
        path.write_text(body, encoding="utf-8", errors="replace")
        html = _string(_ask("render", path, "", limits, number=number).get("html"))
    if len(html) > limits.max_html_chars:
        raise failed("memory", "html")
    return html


def draw_figure(
    path: str | os.PathLike[str], target: str | os.PathLike[str], kind: str, *, number: int, width: int, limits: Limits
) -> str:
    """Draws picture `number` of a `docx` or `odt` anew into `target`, and says its kind, as `draw_page` does."""
    return _string(
        _ask("figure", path, kind, limits, target=os.path.abspath(target), number=number, width=width).get("kind")
    )


def read_sheet(path: str | os.PathLike[str], *, rows: int, limits: Limits = UPLOADING) -> dict[str, Any]:
    """The answer of `core.sandbox.spreadsheet.read_xlsx` about the file at `path`, unchecked: it comes from a process
    that met a stranger's file. Raises `ExtractionFailed`.
    """
    return _ask("table", path, "xlsx", limits, rows=rows)


def _ask(op: str, path: str | os.PathLike[str], kind: str, limits: Limits, **more: Any) -> dict[str, Any]:
    deadline = time.monotonic() + limits.seconds
    # The second attempt is for files that crash the native library as a whole; the Python one is slower and
    # sturdier.
    attempts = [["pdfium", "pypdf"], ["pypdf"]] if kind == "pdf" and op in ("extract", "probe") else [[]]
    crash = 0
    for engines in attempts:
        request = {
            "op": op,
            "path": os.path.abspath(path),
            "kind": kind,
            "engines": engines,
            "limits": {
                **asdict(limits),
                "max_written_bytes": limits.max_written_bytes if op in ("clean", "draw", "figure") else 0,
            },
            **more,
        }
        output, crash = _run_worker(request, deadline, limits)
        if crash == signal.SIGXCPU:
            raise failed("timeout", "cpu")
        if crash == signal.SIGKILL:
            # Its own memory is limited: the machine had none left.
            raise failed("busy", "killed by the system")
        if not crash:
            return _answer(output)
    raise failed("damaged", f"worker ended by signal {crash}")


def _answer(output: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(output)
    except (ValueError, RecursionError):
        raise failed("damaged", "no answer") from None
    if not isinstance(answer, dict):
        raise failed("damaged", "answer of another shape")
    if answer.get("ok") is not True:
        code = answer.get("code")
        known = code if code in _TOLD else "damaged"
        raise failed(known, str(answer.get("detail", ""))[:80])
    return answer


def _run_worker(request: dict[str, Any], deadline: float, limits: Limits) -> tuple[bytes, int]:
    """One run of the worker: what it wrote, and the signal that ended it (0 when it ended by itself)."""
    with tempfile.TemporaryDirectory(prefix="extract-") as empty:
        try:
            reader = nursery.begin(WORKER, empty)
        except nursery.NurseryGone:
            raise failed("busy", "no process") from None
        try:
            output = _talk(reader, json.dumps(request).encode(), deadline, limits.max_output_bytes)
        finally:
            crash = reader.end()
        return output, crash


def _talk(reader: nursery.Reader, request: bytes, deadline: float, max_bytes: int) -> bytes:
    with contextlib.suppress(BrokenPipeError):
        os.write(reader.request, request)  # far smaller than a pipe's buffer, so this cannot block
    reader.close_request()
    parts: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(reader.answer, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise failed("busy", "clock")
            part = os.read(reader.answer, _MiB)
            if not part:
                return b"".join(parts)
            size += len(part)
            if size > max_bytes:
                raise failed("memory", "answer too long")
            parts.append(part)


def failed(code: str, detail: str = "") -> ExtractionFailed:
    """The failure of that code with the sentence a person is shown."""
    messages = {
        "timeout": _(
            "The file takes too long to read. Save it again in the program it was made in, "
            "or split it into smaller documents."
        ),
        "memory": _(
            "The file is too heavy to read. Save it again with smaller pictures, or split it into smaller documents."
        ),
        "encrypted": _(
            "The file is locked with a password. Save a copy without the password and choose that copy instead."
        ),
        "damaged": _(
            "The file is damaged and cannot be read. Open it in the program it was made in, "
            "save it again and choose the new copy."
        ),
        "too_many_pages": _("The file has too many pages. Split it into smaller documents."),
        "busy": _(
            "The server is busy just now and could not look the file through. Nothing is wrong with it: "
            "choose it again in a moment."
        ),
        "no_pages": _("The file has no pages. Make it anew in the program it came from, and choose that one."),
    }
    return ExtractionFailed(code, messages[code], detail)


def _checked(answer: dict[str, Any], limits: Limits) -> Extracted:
    # SECURITY: the worker may have been taken over by the file it read, so nothing of its answer is trusted.
    pages = answer.get("pages")
    text, cut = cap_text(without_endless(clean_text(_string(answer.get("text")))), limits.max_text_bytes)
    headings = answer.get("headings")
    warnings = answer.get("warnings")
    html = _string(answer.get("html"))
    if fault := _FAULT.sub("", _string(answer.get("fault")))[:80]:
        log.warning("a file is shown as words only: its layout could not be read", extra={"fault": fault})
    return Extracted(
        text=text,
        pages=pages if type(pages) is int and 0 < pages <= limits.max_pages else None,
        title=_one_line(answer.get("title")),
        headings=tuple(filter(None, map(_one_line, headings[:MAX_HEADINGS])) if isinstance(headings, list) else ()),
        warnings=tuple(code for code in warnings if code in WARNINGS) if isinstance(warnings, list) else (),
        truncated=cut or answer.get("truncated") is True,
        html=sanitise(html) if html and len(html) <= limits.max_html_chars else "",
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _one_line(value: object) -> str:
    return one_line(_string(value))[:MAX_TITLE_CHARS]
