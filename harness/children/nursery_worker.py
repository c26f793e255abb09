"""The process that imports a framework once and forks a worker for each request, a line on its standard input."""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import time
import traceback

from harness.children import serving, worker
from harness.children.process import peak_memory


def main(request_path: str) -> None:
    """Import, then fork until the harness closes the input.

    A line of input is ``[REQUEST, LOG]`` as JSON; of output ``ready PID 0`` once, then ``born PID 0`` for each, and
    ``ended PID CODE`` in due course.
    """
    request = serving.start(request_path)
    started = time.perf_counter()
    for name in request["imports"]:
        importlib.import_module(name)
    import_s, resident = time.perf_counter() - started, peak_memory()

    print("ready", os.getpid(), 0, flush=True)

    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    rest = b""
    while True:
        ready, _, _ = select.select([0, awake], [], [])
        if awake in ready:
            os.read(awake, 4096)
            _tell_of_ended()
        if 0 in ready:
            some = os.read(0, 65536)
            if not some:
                return
            *lines, rest = (rest + some).split(b"\n")
            for line in lines:
                pid = os.fork()
                if not pid:
                    path, log = json.loads(line)
                    _work(path, log, worker.Imported(import_s, max(0, resident - peak_memory())))
                print("born", pid, 0, flush=True)


def _tell_of_ended() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        print("ended", pid, os.waitstatus_to_exitcode(status), flush=True)


def _work(request_path: str, log: str, imported: worker.Imported) -> None:
    """What a forked child does, to its end: as if it had been started by itself, with its own session and log."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for path, flags, place in ((os.devnull, os.O_RDONLY, 0), (log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1)):
            os.dup2(os.open(path, flags, 0o644), place)
        os.dup2(1, 2)
        worker.main(request_path, imported)
        code = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
