"""Reads one uploaded file in a process of its own, and says what is in it.

Run by `core.files.extraction` as `python -I worker.py`; the web process never imports its readers. It reads one
JSON request on standard input and writes one JSON answer on standard output:

    {"op": "extract" | "probe" | "clean" | "draw" | "figure" | "render" | "table", "path": str,
     "kind": "pdf" | "docx" | "odt" | "jpeg" | "png" | "xlsx",
     "engines": ["pdfium", "pypdf"], "target": str (to clean and draw), "bare": bool (to clean),
     "page": int, "width": int, "box": [float] * 4 | null (to draw),
     "number": int (of a figure) | str (of the document whose text is rendered), "rows": int (at most, of a table),
     "limits": {"memory_bytes": int, "cpu_seconds": int, "max_pages": int, "max_text_bytes": int,
                "max_html_chars": int, "max_part_bytes": int}}

    {"ok": true, "removed": [str]}                                                              (clean)
    {"ok": true, "html": str}                                                                   (render)
    {"ok": true, "rows": [[str]], "odd": [[int, int, str]], "other_sheets": int, "cut": bool}    (table)
    {"ok": true, "kind": "png" | "webp", "width": int, "height": int}                           (draw, figure)
    {"ok": true, "text": str, "pages": int | null, "title": str, "headings": [str], "warnings": [str],
     "truncated": bool, "html": str}
    {"ok": false, "code": "encrypted" | "damaged" | "memory" | "too_many_pages" | "no_pages", "detail": str}

`html` is finished; whoever asked must sanitise it again, since a hostile file may have taken this process over. No
Django here, and every parser is imported only when its kind is asked for, so that a start costs little.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # An isolated start knows the installed libraries only; our own folder comes last, so it hides none of them.
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from core.sandbox.text import MAX_HEADINGS, MAX_TITLE_CHARS, Unreadable, cap_text, clean_text, is_garbled, one_line


def confine(limits: dict[str, int]) -> None:
    """Takes from this process what reading a file does not need. Cannot be undone by what runs afterwards."""
    # SECURITY: before any byte of the file is read. Set here and not by the parent between fork and exec,
    # because code run there is unsafe in a server with threads.
    import resource

    def limit(name: int, soft: int, hard: int | None = None) -> None:
        ceiling = resource.getrlimit(name)[1]
        hard = soft if hard is None else hard
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(name, (soft, hard))

    if not _is_warm:
        leave_network()
    # The modules that were imported for readers of all kinds are none of the file's memory.
    limit(resource.RLIMIT_AS, limits["memory_bytes"] + _warm_bytes)
    limit(resource.RLIMIT_CPU, limits["cpu_seconds"], limits["cpu_seconds"] + 1)
    limit(resource.RLIMIT_FSIZE, limits.get("max_written_bytes", 0) or 64 * 1024)
    limit(resource.RLIMIT_NOFILE, 32)
    limit(resource.RLIMIT_CORE, 0)
    # As root this one has no effect; a production server does not run as root.
    limit(resource.RLIMIT_NPROC, 0)
    os.umask(0o077)


_is_warm, _warm_bytes = False, 0


def warm() -> None:
    """Said by a process that has left the network and imported the readers, and that readers are forked from."""
    global _is_warm, _warm_bytes
    _is_warm = True
    with contextlib.suppress(OSError):
        _warm_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def leave_network() -> None:
    """Moves to an empty network namespace where the system lets us; a parser has nobody to call.

    Best effort: containers often refuse it. The parsers used here fetch nothing by themselves.
    """
    clone_newuser, clone_newnet, pr_set_no_new_privs = 0x10000000, 0x40000000, 38
    try:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(pr_set_no_new_privs, 1, 0, 0, 0)
        if libc.unshare(clone_newnet) != 0:
            libc.unshare(clone_newuser | clone_newnet)
    except (ImportError, OSError, AttributeError):
        pass


def main() -> int:
    request = json.loads(sys.stdin.buffer.read(1_000_000))
    confine(request["limits"])
    # Libraries print: odfpy writes a whole broken document to standard output. The answer keeps a channel of
    # its own.
    answer_to = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    answer = _answer(request)
    try:
        payload = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    except MemoryError:
        payload = b'{"ok": false, "code": "memory", "detail": "answer"}'
    answer_to.write(payload)
    answer_to.flush()
    # Nothing of the parsers' own clearing up is worth waiting for, and some of it crashes on broken files.
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        acts = {"probe": _probe, "clean": _clean, "extract": _extract, "draw": _draw, "figure": _figure}
        acts |= {"render": _render, "table": _table}
        return {"ok": True, **acts[request["op"]](request)}
    except Unreadable as problem:
        return {"ok": False, "code": problem.code, "detail": problem.detail}
    except MemoryError:
        return {"ok": False, "code": "memory", "detail": "MemoryError"}
    # Any parser error on a hostile file means the same to the person: it cannot be read.
    except Exception as problem:
        # The XML and PDF libraries have words of their own for it.
        if "out of memory" in str(problem).lower():
            return {"ok": False, "code": "memory", "detail": type(problem).__name__}
        return {"ok": False, "code": "damaged", "detail": type(problem).__name__}


def _extract(request: dict[str, Any]) -> dict[str, Any]:
    from core.sandbox import office, pdf
    from core.sandbox.html import finish, has_headless_table, sanitise

    limits = request["limits"]
    readers: dict[str, Callable[[], dict[str, Any]]] = {
        "pdf": lambda: _first_that_reads(request, pdf.read_with_pdfium, pdf.read_with_pypdf),
        "docx": lambda: office.read_docx(request["path"], limits),
        "odt": lambda: office.read_odt(request["path"], limits),
    }
    found = readers[request["kind"]]()
    html = finish(sanitise(found.get("html", "")))
    if len(html) > limits["max_html_chars"]:
        html = ""
        found["warnings"].append("html_omitted")
    if has_headless_table(html):
        found["warnings"].append("tables_without_header")
    text, cut = cap_text(clean_text(found["text"]), limits["max_text_bytes"])
    if not any(character.isalnum() for character in text):
        found["warnings"].append("no_text")
    if is_garbled(text):
        found["warnings"].append("garbled_letters")
    if cut or found.get("truncated"):
        found["warnings"].append("cut")
    return {
        "text": text,
        "pages": found.get("pages"),
        "title": one_line(found.get("title") or "")[:MAX_TITLE_CHARS],
        "headings": [line for line in map(one_line, found["headings"][:MAX_HEADINGS]) if line],
        "warnings": list(dict.fromkeys(found["warnings"])),
        "truncated": cut or bool(found.get("truncated")),
        "html": html,
        "fault": found.get("fault", ""),
    }


def _clean(request: dict[str, Any]) -> dict[str, Any]:
    """Write the file anew to `target`, without what acts or fetches; `bare`: without what tells of its maker."""
    from core.sandbox import clean

    source, target, kind, bare = (request[name] for name in ("path", "target", "kind", "bare"))
    if kind in ("jpeg", "png"):
        removed = clean.clean_picture(source, target, kind)
    elif kind == "pdf":
        removed = clean.clean_pdf(source, target, bare=bare)
    else:
        removed = clean.clean_package(source, target, kind, bare=bare, max_part=request["limits"]["max_part_bytes"])
    return {"removed": removed}


def _draw(request: dict[str, Any]) -> dict[str, Any]:
    """Draw a page of a PDF, or a part of it, into `target`."""
    from core.sandbox import drawing

    return drawing.draw(request["path"], request["target"], request["page"], request["width"], request["box"])


def _figure(request: dict[str, Any]) -> dict[str, Any]:
    """Draw a picture of a Word or OpenDocument file anew into `target`."""
    from core.sandbox import drawing, office

    data = office.figure(request["path"], request["kind"], request["number"], request["limits"])
    return drawing.draw_figure(data, request["target"], request["width"])


def _render(request: dict[str, Any]) -> dict[str, Any]:
    """Markdown that was typed, as HTML."""
    from core.sandbox import written_text

    html = written_text.render(Path(request["path"]).read_text("utf-8"), request["number"])
    if len(html) > request["limits"]["max_html_chars"]:
        raise Unreadable("memory", "html")
    return {"html": html}


def _table(request: dict[str, Any]) -> dict[str, Any]:
    """The cells of a spreadsheet."""
    from core.sandbox import spreadsheet

    return spreadsheet.read_xlsx(request["path"], request["rows"])


def _probe(request: dict[str, Any]) -> dict[str, Any]:
    """Whether a PDF opens without a password; raises `Unreadable` if it does not."""
    from core.sandbox import pdf

    return _first_that_reads(request, pdf.open_pdfium, pdf.open_pypdf)


def _first_that_reads(request: dict[str, Any], pdfium: Callable[..., Any], pypdf: Callable[..., Any]) -> dict[str, Any]:
    engines = {"pdfium": pdfium, "pypdf": pypdf}
    failure: Exception = Unreadable("damaged", "no engine")
    for name in request["engines"]:
        try:
            result = engines[name](request["path"], request["limits"])
        except Unreadable as problem:
            if problem.code != "damaged":
                raise
            failure = problem
        except MemoryError:
            raise
        except Exception as problem:  # the next engine may know better
            failure = problem
        else:
            return result if isinstance(result, dict) else {"text": ""}
    raise failure


if __name__ == "__main__":
    sys.exit(main())
