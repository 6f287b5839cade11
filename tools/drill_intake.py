"""The drill of deliveries: `sync_documents` is killed again and again, runs twice at once, and comes empty and halved."""

from __future__ import annotations

import csv
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tools.server import ROOT, Portal

ROWS, KILLS = 40, 10
HEADINGS = ("Dokumentnummer", "Utgåva", "Titel", "Dokumenttyp", "Status", "Fastställd", "Fastställare", "Fil",
            "Behörighet", "Gäller för")  # fmt: skip
SET_UP = """
from accounts.models import Assignment, User
from accounts.readers import reader_for
from documents.intake import sources
from documents.models import Source
one = Assignment.objects.select_related("user", "provider").get(user__email="redaktor@region.example")
maker = User.objects.get(email="admin@portal.example")
for code in ("utan-avbrott", "med-avbrott"):
    made = Source(code=code, name="Övningskällan", owner=one.provider, ready_mapping="centuri", set_up_by=maker)
    made.save()
    sources.confirm(made, shown=sources.mark(made), by=reader_for(one.user, one))
"""
# All that came of a source, whatever its numbers begin with and whenever it happened.
STATE = """
import json
from documents.models import SourceDocument
said = []
for one in SourceDocument.objects.filter(source__code="CODE").select_related("document"):
    d = one.document
    versions = [(v.number, v.state, v.title, v.file_sha256, str(v.approved_at), v.approver_label)
                for v in d.versions.order_by("number")]
    readers = [d.visible_public, d.visible_regional, d.visible_private, d.visible_municipal]
    events = [(e.verb, e.version_number) for e in d.events.order_by("pk")]
    said.append([one.number[2:], one.version, one.waits, d.state, d.title, readers, versions, events])
print("=" + json.dumps(sorted(said, key=str)))
"""


def _pdf(words: str) -> bytes:
    """A PDF of one page with these words, small enough to be written by hand."""
    stream = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET".encode("latin-1")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]  # fmt: skip
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)


def _delivery(place: Path, prefix: str, *, edition: int, rows: range) -> Path:
    """The folder of a delivery. The second edition has some changed, some revoked and some narrowed."""
    place.mkdir(exist_ok=True)
    with (place / "metadata.csv").open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table, delimiter=";")
        writer.writerow(HEADINGS)
        for number in rows:
            is_new = edition > 1 and number % 5 == 0
            state = (
                "Upphävd" if edition > 1 and number % 20 == 1 else "Arbetsmaterial" if number % 7 == 3 else "Fastställd"
            )
            rights = "" if number % 9 == 4 else "Intranät"
            name = f"{number}.pdf"
            (place / name).write_bytes(_pdf(f"Rutin {number} utgave {2 if is_new else 1}"))
            writer.writerow([f"{prefix}{number:03}", 2 if is_new else 1, f"Rutin nummer {number}", "Rutin", state,
                             "2026-03-01", "Chefläkaren", name, rights, "Alla vårdgivare"])  # fmt: skip
    return place


class _Source:
    def __init__(self, portal: Portal, code: str) -> None:
        self.portal, self.code = portal, code

    def begin(self, folder: Path, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "sync_documents", self.code, str(folder), *more]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.portal.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, folder: Path, *more: str) -> tuple[int, str]:
        process = self.begin(folder, *more)
        out, _none = process.communicate()
        return process.returncode, out

    def state(self) -> list[object]:
        code = STATE.replace("CODE", self.code)
        return list(json.loads(self.portal.manage("shell", "-v", "0", "-c", code).split("=", 1)[1]))


def intake() -> Counter[str]:
    """What comes of a delivery that is killed at random moments is what comes of one that is not; two at once are as
    one; one that came empty or halved changes nothing."""
    tally: Counter[str] = Counter()

    def check(holds: bool, what: str) -> None:
        if not holds:
            tally["broken"] += 1
            print(f"broken: {what}")

    with (
        Portal.started("drill", worker=False, demo=True, people_alone=True) as portal,
        tempfile.TemporaryDirectory() as t,
    ):
        portal.manage("shell", "-v", "0", "-c", SET_UP)
        calm, killed, place = _Source(portal, "utan-avbrott"), _Source(portal, "med-avbrott"), Path(t)
        for edition in (1, 2):
            theirs = _delivery(place / f"a{edition}", "A-", edition=edition, rows=range(ROWS))
            ours = _delivery(place / f"b{edition}", "B-", edition=edition, rows=range(ROWS))
            started = time.monotonic()
            check(calm.run(theirs)[0] == 0, f"the delivery {edition} that nobody disturbed was not taken in")
            lasts = time.monotonic() - started
            for _kill in range(KILLS // 2):
                process = killed.begin(ours)
                time.sleep(random.uniform(0.3, 1.0) * lasts * 0.8)
                tally["killed while it went on"] += process.poll() is None
                process.send_signal(signal.SIGKILL)
                process.communicate()
            tally["documents after the last kill"] = len(killed.state())
            two = [killed.begin(ours), killed.begin(ours)]
            check([p.wait() for p in two] == [0, 0], "two at once were not both carried out")
            for process in two:
                process.communicate()
            check(killed.state() == calm.state(), f"delivery {edition}: another state than without kills")
        tally["documents"] = len(killed.state())
        before = killed.state()
        for name, rows in (("nearly empty", range(1)), ("halved", range(ROWS // 2))):
            status, out = killed.run(_delivery(place / "c", "B-", edition=2, rows=rows))
            check(status == 2 and "--agree" in out, f"a delivery that came {name} did not ask")
            check(killed.state() == before, f"a delivery that came {name} changed something")
    return tally
