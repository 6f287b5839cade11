"""`make drill`: what must hold while things break. Prints a tally; exits non-zero when a promise was broken.

`ONLY=submissions` runs one. Each drill is a function that returns its tally, with `broken` among its counts.
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import docx
from aiosmtpd.controller import Controller

from tools.drill_intake import intake
from tools.server import Portal, Visitor, free_port

REPORTERS = ("lasare@privat.example", "lasare@region.example", "lasare@kommun.example")
ADMIN = "admin@portal.example"


class Reports:
    """People who report without end, each form until it is answered; what they were promised is kept here."""

    def __init__(self, portal: Portal, *, attachment: bytes = b"") -> None:
        self.portal, self.attachment = portal, attachment
        self.tally: Counter[str] = Counter()
        self.confirmed: dict[str, set[str]] = {}
        self._lock, self._stop = threading.Lock(), threading.Event()

    @contextlib.contextmanager
    def coming_in(self) -> Iterator[None]:
        crew = [threading.Thread(target=self._report, args=(email,)) for email in REPORTERS]
        for person in crew:
            person.start()
        try:
            yield
        finally:
            self._stop.set()
            for person in crew:
                person.join()

    def _report(self, email: str) -> None:
        visitor, serial = Visitor(self.portal), 0
        while not self._stop.is_set():
            try:
                if "session" not in str([c.name for c in visitor.jar]):
                    visitor.sign_in(email)
                status, _url, page = visitor.get("/avvikelser/ny/")
                token = re.search(r'name="token"[^>]*value="([^"]+)"', page)
                receiver = re.search(r'value="(u\d+|p\d+)"', page)
                if status != 200 or not token or not receiver:
                    self._note_status(status, "form not shown")
                    self._stop.wait(0.2)
                    continue
                serial += 1
                mark = f"Övning {email.split('@')[1]} {serial}"
                self._send(visitor, mark, _report(page, mark, token.group(1), receiver.group(1)))
            except (OSError, RuntimeError):
                self.tally["connection lost before sending"] += 1
                self._stop.wait(0.1)

    def _send(self, visitor: Visitor, mark: str, form: dict[str, object]) -> None:
        # The same form is sent until an answer comes, as an impatient person does.
        for _ in range(60):
            try:
                status, url, page = self._post(visitor, form)
            except OSError:
                self.tally["connection lost while sending"] += 1
                self._stop.wait(0.2)
                continue
            number = re.search(r"/avvikelser/(AVV-[^/]+)/", url)
            if number:
                with self._lock:
                    self.confirmed.setdefault(mark, set()).add(number.group(1))
                self.tally["confirmed"] += 1
                self._send_again(visitor, mark, form)
                return
            self._note_status(status, "refused")
            if status not in (503, 500) and not self.attachment:
                print(status, url, re.findall(r'class="error"[^>]*>(?:<svg.*?</svg>)?([^<]*)', page)[:3])
                return
            if self.attachment and self._stop.is_set():
                return
            self._stop.wait(0.3)

    def _post(self, visitor: Visitor, form: dict[str, object]) -> tuple[int, str, str]:
        files = {"files": ("bild.docx", self.attachment)} if self.attachment else {}
        return visitor.post("/avvikelser/ny/", form, files=files)

    def _send_again(self, visitor: Visitor, mark: str, form: dict[str, object]) -> None:
        """As by a double click, or the back button."""
        try:
            _status, again, _page = self._post(visitor, form)
        except OSError:
            self.tally["connection lost while sending again"] += 1
            return
        if other := re.search(r"/avvikelser/(AVV-[^/]+)/", again):
            self.confirmed[mark].add(other.group(1))
            self.tally["sent again"] += 1

    def _note_status(self, status: int, otherwise: str) -> None:
        if status == 503:
            self.tally["asked to wait (503)"] += 1
        elif status >= 500:
            self.tally["broken"] += 1
            print(f"broken: an answer of {status}")
        else:
            self.tally[otherwise] += 1

    def count(self) -> Counter[str]:
        """What was confirmed exists, once; nothing exists twice."""
        counted = self.portal.manage("shell", "-v", "0", "-c", TITLES)
        stored = Counter(line[1:] for line in counted.splitlines() if line.startswith("=Övning"))
        for mark, numbers in self.confirmed.items():
            if len(numbers) != 1 or stored[mark] != 1:
                self.tally["broken"] += 1
                print(f"broken: {mark}: confirmed as {numbers}, stored {stored[mark]} times")
        self.tally["stored"] = stored.total()
        self.tally["broken"] += sum(1 for mark, n in stored.items() if n > 1 and mark not in self.confirmed)
        return self.tally


TITLES = "from deviations.models import Case\nfor t in Case.objects.values_list('title', flat=True): print('=' + t)"


def _report(page: str, title: str, token: str, receiver: str) -> dict[str, object]:
    kind = re.search(r'<option value="(\d+)"', page) or re.search(r'name="type"[^>]*value="(\d+)"', page)
    opened = re.search(r'name="opened_as"[^>]*value="([^"]+)"', page)
    return {
        "token": token, "title": title, "event_kind": "risk", "type": kind.group(1) if kind else "",
        "opened_as": opened.group(1) if opened else "",
        "occurred_date": "2026-01-15", "occurred_time": "10:30",
        "description": "Övning. Ingen riktig händelse.", "concerns": receiver, "wants_feedback": "on",
    }  # fmt: skip


def _again_and_again(act: Callable[[], None], seconds: float, pause: float) -> int:
    end, times = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        time.sleep(pause)
        act()
        times += 1
    return times


def submissions(seconds: float = 25) -> Counter[str]:
    """Reports are sent while the server is killed again and again: what was confirmed exists, once."""

    def kill() -> None:
        portal.kill_web()
        portal.start_web()

    with Portal.started("drill", worker=False, fsync=True) as portal:
        reports = Reports(portal)
        with reports.coming_in():
            reports.tally["server killed"] = _again_and_again(kill, seconds, 1.5)
        return reports.count()


def database(seconds: float = 30) -> Counter[str]:
    """Reports are sent while the database is killed, kept away and started again: no 500, nothing lost, well at once."""

    def kill() -> None:
        portal.kill_database()
        time.sleep(2)
        portal.cluster.start()

    with Portal.started("drill", fsync=True) as portal:
        reports = Reports(portal)
        with reports.coming_in():
            reports.tally["database killed"] = _again_and_again(kill, seconds, 3)
        back = time.monotonic()
        while not _all_well(portal):
            if time.monotonic() - back > 60:
                reports.tally["broken"] += 1
                print("broken: not well a minute after the database came back")
                break
            time.sleep(0.1)
        reports.tally["milliseconds until all is well"] = int(1000 * (time.monotonic() - back))
        return reports.count()


def _all_well(portal: Portal) -> bool:
    def ask(path: str) -> bool:
        with contextlib.suppress(OSError):
            return Visitor(portal).get(path)[0] == 200
        return False

    with ThreadPoolExecutor(8) as crowd:
        return all(crowd.map(ask, ["/", "/dokument/", "/dokument/?q=fall", "/readyz"] * 8))


class _Inbox:
    """A real SMTP server that takes its time."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        text = envelope.content.decode(errors="replace")  # type: ignore[attr-defined]
        self.ids[next(line for line in text.splitlines() if line.startswith("Message-ID"))] += 1
        return "250 OK"


def worker(seconds: float = 20) -> Counter[str]:
    """The worker is killed in the middle of files and e-mails: all are read and sent, none more than twice."""
    tally: Counter[str] = Counter()
    inbox, port = _Inbox(), free_port()
    smtp = Controller(inbox, hostname="127.0.0.1", port=port)
    smtp.start()
    env = {"PORTAL_SMTP_HOST": "127.0.0.1", "PORTAL_SMTP_PORT": str(port), "PORTAL_SMTP_TLS": "0"}
    try:
        with Portal.started("drill", worker=False, env=env) as portal:
            tally["files"] = _choose_files(portal, 12)
            reports = Reports(portal)
            portal.start_worker()
            with reports.coming_in():

                def kill() -> None:
                    portal.kill_worker()
                    portal.start_worker()

                tally["worker killed"] = _again_and_again(kill, seconds, 2)
            tally += reports.count()
            started = time.monotonic()
            while left := int(portal.manage("shell", "-v", "0", "-c", LEFT).split("=")[1]):
                if time.monotonic() - started > 240:
                    tally["broken"] += left
                    print(f"broken: {left} files or e-mails are left")
                    break
                time.sleep(3)
            tally["seconds until all jobs were done"] = int(time.monotonic() - started)
            tally["e-mails"] = len(inbox.ids)
            tally["e-mails sent twice"] = sum(1 for n in inbox.ids.values() if n == 2)
            tally["broken"] += sum(1 for n in inbox.ids.values() if n > 2)
    finally:
        smtp.stop()
    return tally


def invitations(count: int = 1000) -> Counter[str]:
    """A list of people is invited through the pages, and the worker is killed while it sends: each link comes, and only
    one that was in flight comes twice, as the same message."""
    tally: Counter[str] = Counter()
    inbox, port = _Inbox(), free_port()
    smtp = Controller(inbox, hostname="127.0.0.1", port=port)
    smtp.start()
    env = {"PORTAL_SMTP_HOST": "127.0.0.1", "PORTAL_SMTP_PORT": str(port), "PORTAL_SMTP_TLS": "0"}
    try:
        with Portal.started("drill", worker=False, people_alone=True, env=env) as portal:
            admin = Visitor(portal)
            admin.sign_in("admin@privat.example")
            started = time.monotonic()
            many = "/konto/var-verksamhet/bjud-in/flera/"
            text = "\n".join(f"person{n}@bjorken.example" for n in range(count))
            _status, address, page = admin.post(many, {"text": text})
            shown = re.search(r'name="shown" value="([^"]+)"', page)
            assert shown, page[:500]
            admin.post(urlsplit(address).path, {"act": "send", "shown": shown[1]})
            tally["seconds of web time"] = round(time.monotonic() - started)
            portal.start_worker()
            while len(inbox.ids) < count and time.monotonic() - started < 300:
                time.sleep(0.02)
                if tally["worker killed"] < 8 and len(inbox.ids) > 100 * (tally["worker killed"] + 1):
                    portal.kill_worker()
                    portal.start_worker()
                    tally["worker killed"] += 1
            time.sleep(2)
            tally["invitations"], tally["e-mails"] = count, len(inbox.ids)
            tally["sent twice"] = sum(1 for n in inbox.ids.values() if n == 2)
            tally["broken"] += count - len(inbox.ids) + sum(1 for n in inbox.ids.values() if n > 2)
            tally["broken"] += max(0, tally["sent twice"] - 2 * tally["worker killed"])
    finally:
        smtp.stop()
    return tally


LEFT = (
    "from documents.models import Reading; from procrastinate.contrib.django.models import ProcrastinateJob as J\n"
    "waiting = Reading.objects.filter(state='waiting').count()\n"
    "print('=', waiting + J.objects.filter(queue_name='mail', status__in=['todo', 'doing']).count(), sep='')"
)


def _choose_files(portal: Portal, count: int) -> int:
    """Word files that take a second each to read, chosen for new versions in the administration."""
    visitor = Visitor(portal)
    visitor.sign_in(ADMIN)
    found = portal.manage("shell", "-v", "0", "-c", DOCUMENTS).split("=")[1].split()[:count]
    for pk in found:
        address = f"/admin/documents/document/{pk}/ny-version/"
        visitor.get(address)
        status, url, _page = visitor.post(address, {"body": ""}, files={"file": ("lang.docx", _word(2000))})
        if status != 200 or "ny-version" in url:
            raise RuntimeError(f"the file was not taken: {status} {url}")
    return len(found)


DOCUMENTS = (
    "from documents.models import Document as D\n"
    "print('=', *D.objects.filter(state='active').exclude(versions__state='draft').values_list('pk', flat=True))"
)


def _word(paragraphs: int) -> bytes:
    paper, out = docx.Document(), io.BytesIO()
    for number in range(paragraphs):
        paper.add_paragraph(f"Stycke {number}. Risken bedöms vid inskrivning.")
    paper.save(out)
    return out.getvalue()


def disk(seconds: float = 15) -> Counter[str]:
    """The disk for files is full and has room again: refused in words, nothing half kept, then taken in."""
    place = Path(tempfile.mkdtemp(prefix="portal-disk-", dir="/var/tmp"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        print("disk: a small file system can only be mounted by root; the suite tries it with a limit on files instead")
        place.rmdir()
        return Counter({"broken": 0, "not tried": 1})
    try:
        with Portal.started("drill", worker=False, demo=True, env={"PORTAL_FILES_DIR": str(place)}) as portal:
            reports = Reports(portal, attachment=_word(20))
            filler = place / "filler"
            with reports.coming_in():

                def fill_and_empty() -> None:
                    with contextlib.suppress(OSError), filler.open("wb") as full:
                        while True:
                            full.write(b"x" * 4096)
                            full.flush()
                    time.sleep(2)
                    filler.unlink()

                reports.tally["disk filled"] = _again_and_again(fill_and_empty, seconds, 1)
            tally = reports.count()
            if left := list(place.rglob("*.part")):
                tally["broken"] += len(left)
                print(f"broken: half a file is left: {left[0].name}")
            lost = portal.manage("shell", "-v", "0", "-c", LOST).split("=")[1]
            tally["broken"] += int(lost)
            return tally
    finally:
        subprocess.run(["umount", place], capture_output=True)
        place.rmdir()


LOST = (
    "from deviations.models import CaseFile; from django.core.files.storage import default_storage as s\n"
    "mine = CaseFile.objects.filter(case__title__startswith='Övning')\n"
    "print('=', sum(1 for f in mine if not s.exists(f.file) or s.size(f.file) != f.file_size), sep='')"
)


DRILLS = {
    "submissions": submissions, "database": database, "worker": worker, "disk": disk, "invitations": invitations,
    "intake": intake,
}  # fmt: skip


def main() -> int:
    wanted = sys.argv[1:] or list(DRILLS)
    if unknown := set(wanted) - set(DRILLS):
        print(f"No such drill: {', '.join(sorted(unknown))}. There are: {', '.join(DRILLS)}.")
        return 2
    broken = 0
    for name in wanted:
        tally = DRILLS[name]()
        broken += tally["broken"]
        print(f"{name}: " + ", ".join(f"{count} {what}" for what, count in sorted(tally.items())))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
