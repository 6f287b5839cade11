"""`make drill`: what must hold while things break. Prints a tally; exits non-zero when a promise was broken.

`ONLY=submissions` runs one. Each drill is a function that returns its tally, with `broken` among its counts.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections import Counter

from tools.server import Portal, Visitor

REPORTERS = ("lasare@privat.example", "lasare@region.example", "lasare@kommun.example")


def submissions(seconds: float = 25) -> Counter[str]:
    """Reports are sent while the server is killed again and again: what was confirmed exists, once."""
    tally: Counter[str] = Counter()
    confirmed: dict[str, set[str]] = {}
    lock, stop = threading.Lock(), threading.Event()

    with Portal.started("drill", worker=False, fsync=True) as portal:

        def reporter(email: str) -> None:
            visitor = Visitor(portal)
            serial = 0
            while not stop.is_set():
                try:
                    if "session" not in str([c.name for c in visitor.jar]):
                        visitor.sign_in(email)
                    status, url, page = visitor.get("/avvikelser/ny/")
                    token = re.search(r'name="token"[^>]*value="([^"]+)"', page)
                    receiver = re.search(r'value="(u\d+|p\d+)"', page)
                    if status != 200 or not token or not receiver:
                        tally["form not shown"] += 1
                        continue
                    serial += 1
                    mark = f"Övning {email.split('@')[1]} {serial}"
                    form = _report(page, mark, token.group(1), receiver.group(1))
                except (OSError, RuntimeError):
                    tally["connection lost before sending"] += 1
                    stop.wait(0.1)
                    continue
                # The same form is sent until an answer comes, as an impatient person does.
                for _ in range(60):
                    try:
                        status, url, page = visitor.post("/avvikelser/ny/", form)
                    except OSError:
                        tally["connection lost while sending"] += 1
                        stop.wait(0.2)
                        continue
                    number = re.search(r"/avvikelser/(AVV-[^/]+)/", url)
                    if number:
                        with lock:
                            confirmed.setdefault(mark, set()).add(number.group(1))
                        tally["confirmed"] += 1
                        # Sent once more, as by a double click or the back button.
                        try:
                            _, again, _ = visitor.post("/avvikelser/ny/", form)
                            other = re.search(r"/avvikelser/(AVV-[^/]+)/", again)
                            if other:
                                confirmed[mark].add(other.group(1))
                                tally["sent again"] += 1
                        except OSError:
                            tally["connection lost while sending again"] += 1
                    elif status < 500:
                        tally["refused"] += 1
                        print(status, url, re.findall(r'class="error"[^>]*>(?:<svg.*?</svg>)?([^<]*)', page)[:3])
                    break

        crew = [threading.Thread(target=reporter, args=(email,)) for email in REPORTERS]
        for thread in crew:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            stop.wait(1.5)
            portal.kill_web()
            tally["server killed"] += 1
            portal.start_web()
        stop.set()
        for thread in crew:
            thread.join()
        counted = portal.manage("shell", "-v", "0", "-c", COUNT)
        stored = Counter(line[1:] for line in counted.splitlines() if line.startswith("="))
        for mark, numbers in confirmed.items():
            if len(numbers) != 1 or stored[mark] != 1:
                tally["broken"] += 1
                print(f"broken: {mark}: confirmed as {numbers}, stored {stored[mark]} times")
        stored = Counter({mark: n for mark, n in stored.items() if mark.startswith("Övning")})
        tally["stored"] = stored.total()
        tally["broken"] += sum(1 for mark, n in stored.items() if n > 1 and mark not in confirmed)
    return tally


COUNT = "from deviations.models import Case\nfor t in Case.objects.values_list('title', flat=True): print('=' + t)"


def _report(page: str, title: str, token: str, receiver: str) -> dict[str, object]:
    kind = re.search(r'<option value="(\d+)"', page) or re.search(r'name="type"[^>]*value="(\d+)"', page)
    return {
        "token": token, "title": title, "event_kind": "risk", "type": kind.group(1) if kind else "",
        "occurred_date": "2026-01-15", "occurred_time": "10:30", "occurred_at": "2026-01-15T10:30",
        "description": "Övning. Ingen riktig händelse.", "concerns": receiver, "wants_feedback": "on",
    }  # fmt: skip


DRILLS = {"submissions": submissions}


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
