"""Begins a process for each file, warm: the readers are imported once, and each file is read in a fork that has met
none before it.

Run by `core.nursery` as `python -I nursery.py FD`, where FD is a Unix socket. Each message on it is a JSON object
`{"program": str, "cwd": str}` with three descriptors: a control socket, the request's pipe and the answer's pipe. It is
answered with one byte as soon as they are taken over. A minder is forked, which forks the reader: the reader runs
`program` (`worker.py`) in a session of its own; the minder ends the reader's whole group when the control socket says
so or is closed, reaps it, and writes its exit status to the control socket (negative: the signal that ended it).

This process itself reads no file and answers nobody else. It ends when its socket is closed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
if __name__ == "__main__":
    sys.path.append(str(HERE.parents[2]))

from core.sandbox import worker  # noqa: E402

# All that a reader imports for some kind of file. Another is imported when it is asked for.
WARM = (
    "core.sandbox.pdf", "core.sandbox.office", "core.sandbox.opendocument", "core.sandbox.clean",
    "core.sandbox.drawing", "core.sandbox.spreadsheet", "core.sandbox.written_text", "core.sandbox.html",
    "pypdfium2.raw", "pypdf", "pikepdf", "mammoth", "odf.opendocument", "openpyxl", "PIL.Image",
    "defusedxml.ElementTree",
)  # fmt: skip
MESSAGE_BYTES = 16_384
DESCRIPTORS = 3


def main() -> int:
    door = socket.socket(fileno=int(sys.argv[1]))
    # SECURITY: once for all readers, before any of them: they inherit that there is nobody to call.
    worker.leave_network()
    for name in WARM:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    worker.warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # minders are reaped by the system
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(door, MESSAGE_BYTES, DESCRIPTORS)
        if not message:
            return 0
        if os.fork() == 0:
            door.close()
            _mind(json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        door.sendall(b".")


def _mind(message: dict[str, str], control_fd: int, request: int, answer: int) -> None:
    """In the minder: begins the reader, waits for its end or for the word to end it. Never returns."""
    control = socket.socket(fileno=control_fd)
    ended, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.signal(signal.SIGCHLD, lambda *_args: None)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    reader = os.fork()
    if reader == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _read(message, request, answer)
    os.close(request)
    os.close(answer)
    select.select([control.fileno(), ended], [], [])
    # SECURITY: before it is reaped, always. A reader that is taken over may leave others behind and exit; once reaped,
    # the group's number may belong to somebody else.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(reader, signal.SIGKILL)  # it may not have begun its group yet
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(reader, signal.SIGKILL)
    _pid, status = os.waitpid(reader, 0)
    with contextlib.suppress(OSError):
        control.sendall(struct.pack("!i", os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _read(message: dict[str, str], request: int, answer: int) -> None:
    """In the reader: only its request and its answer are open, in a session and a folder of its own. Never returns."""
    code = 1
    try:
        os.setsid()
        os.dup2(request, 0)
        os.dup2(answer, 1)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 2)
        os.closerange(3, 1024)
        os.chdir(message["cwd"])
        if Path(message["program"]) == HERE.with_name("worker.py"):
            code = worker.main()
        else:
            runpy.run_path(message["program"], run_name="__main__")
            code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
