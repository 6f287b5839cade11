"""Begins the confined processes that read files, warm (`core/sandbox/nursery.py`): one for each, none used twice."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent / "sandbox" / "nursery.py"
# A minder that has been told to end its reader does so at once; one that does not has been killed itself.
_END_SECONDS = 10.0
_lock = threading.Lock()


class NurseryGone(Exception):
    """The process that begins readers cannot be begun, or has ended."""


@dataclass
class Reader:
    """A confined process at work: descriptors of its request and its answer, and its end."""

    request: int
    answer: int
    _control: socket.socket

    def end(self) -> int:
        """Ends it with its whole group, and closes everything. Gives the signal that ended it; 0 where it ended by
        itself."""
        for descriptor in (self.request, self.answer):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        with self._control as control:
            control.settimeout(_END_SECONDS)
            with contextlib.suppress(OSError):  # its end may be told already
                control.sendall(b"k")
            try:
                told = control.recv(4)
            except OSError:
                told = b""
        status = struct.unpack("!i", told)[0] if len(told) == 4 else -signal.SIGKILL
        return max(0, -status)

    def close_request(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self.request)
        self.request = -1


class _Nursery:
    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # SECURITY: a clean environment (no keys, no database address), isolated from PYTHON* variables and the
            # user's packages, no inherited descriptors but the socket.
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-X", "utf8", str(PROGRAM), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
                close_fds=True,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self.door, self.owner = ours, os.getpid()

    def begin(self, program: Path, cwd: str) -> Reader:
        """Raises NurseryGone."""
        ours, theirs = socket.socketpair()
        request, request_in = os.pipe()
        answer_out, answer = os.pipe()
        message = json.dumps({"program": str(program), "cwd": cwd}).encode()
        try:
            socket.send_fds(self.door, [message], [theirs.fileno(), request, answer])
            taken = self.door.recv(1)
        except OSError:
            taken = b""
        finally:
            theirs.close()
            os.close(request)
            os.close(answer)
        reader = Reader(request_in, answer_out, ours)
        if not taken:
            reader.end()
            raise NurseryGone
        return reader

    def close(self) -> None:
        self.door.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)


_nursery: _Nursery | None = None


def begin(program: Path, cwd: str) -> Reader:
    """A confined process that runs `program` in the folder `cwd`. Raises NurseryGone where none can be begun."""
    global _nursery
    with _lock:
        for _again in range(2):
            if _nursery is None or _nursery.owner != os.getpid():
                _nursery = _Nursery()
            try:
                return _nursery.begin(program, cwd)
            except NurseryGone:
                _nursery.close()
                _nursery = None
    raise NurseryGone


def _forget() -> None:
    """A forked process begins a nursery of its own, and does not keep its parent's alive."""
    global _nursery, _lock
    _lock = threading.Lock()
    if _nursery is not None:
        _nursery.door.close()
        _nursery.process.returncode = 0  # its parent's to wait for
        _nursery = None


def _close() -> None:
    if _nursery is not None and _nursery.owner == os.getpid():
        _nursery.close()


os.register_at_fork(after_in_child=_forget)
atexit.register(_close)
