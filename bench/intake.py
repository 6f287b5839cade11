"""A delivery taken in and read to its last file, against reading the same files alone in the same processes.

`BENCH_INTAKE_FILES` says how many files (10,000 unless told otherwise). The memory of the command is looked at when a
quarter has come and at the end.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from bench.measure import QUICK, Figure, against, at_most
from core.files.extraction import extract_text
from tools.drill_intake import HEADINGS, SET_UP
from tools.server import ROOT, Portal

FILES = int(os.environ.get("BENCH_INTAKE_FILES", "20" if QUICK else "10000"))
COUNT = (
    "SELECT (SELECT count(*) FROM documents_sourcedocument), (SELECT count(*) FROM documents_reading"
    " WHERE state = 'waiting')"
)
_PARAGRAPH = "Risken bedöms vid inskrivning, åtgärder sätts in samma dag och utvärderas efter en vecka. " * 4


def _files(place: Path) -> list[Path]:
    """PDFs of three pages each with its own words, as a management system exports its routines, and their table."""
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415 (development)
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    made = []
    with (place / "metadata.csv").open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table, delimiter=";")
        writer.writerow(HEADINGS)
        for number in range(FILES):
            path = place / f"{number}.pdf"
            canvas = Canvas(str(path), pagesize=A4)
            for page in range(3):
                canvas.setFont("Helvetica-Bold", 14)
                canvas.drawString(60, 780, f"Rutin {number}, avsnitt {page + 1}")
                canvas.setFont("Helvetica", 10)
                words = _PARAGRAPH.split()
                for line in range(40):
                    said = words[(line * 9) % 40 : (line * 9) % 40 + 9]
                    canvas.drawString(60, 750 - 16 * line, " ".join([*said, str(number * 7 + line)]))
                canvas.showPage()
            canvas.save()
            writer.writerow([f"M-{number}", 1, f"Rutin nummer {number}", "Rutin", "Fastställd", "2026-03-01",
                             "Chefläkaren", path.name, "Intranät", "Alla vårdgivare"])  # fmt: skip
            made.append(path)
    return made


def _reading_alone(files: list[Path]) -> float:
    """Files a second, read by as many at once as there are cores."""
    extract_text(files[0], "pdf")
    started = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda path: extract_text(path, "pdf"), files))
    return len(files) / (time.perf_counter() - started)


def _resident(process: subprocess.Popen[bytes]) -> int:
    status = Path(f"/proc/{process.pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def run() -> list[Figure]:
    portal = Portal.started("bench-intake", demo=True, people_alone=True)
    with tempfile.TemporaryDirectory() as folder, portal as begun:
        files = _files(Path(folder))
        alone = _reading_alone(files)
        begun.manage("shell", "-v", "0", "-c", SET_UP)
        return _taken_in(begun, folder, alone)


def _taken_in(portal: Portal, folder: str, alone: float) -> list[Figure]:
    command = [sys.executable, "manage.py", "sync_documents", "utan-avbrott", folder]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=portal.env, stdout=subprocess.DEVNULL)
    quarter, last, left = 0, 0, FILES
    with psycopg.connect(portal.cluster.url, autocommit=True) as database:
        while process.poll() is None or left:
            came, left = database.execute(COUNT).fetchone() or (0, 0)
            last = _resident(process) or last
            quarter = quarter or (last if came >= FILES // 4 else 0)
            time.sleep(0.5)
    taken = FILES / (time.perf_counter() - started)
    if process.returncode:
        raise RuntimeError("the delivery was not taken in")
    return [
        against("intake", "taken in and read", taken, "files/s", alone, at_least=0.6),
        at_most("intake", "memory at the end", last / 1024, "MiB", (quarter or last) / 1024, most=1.3),
    ]
