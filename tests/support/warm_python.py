"""Starts Python programs that have imported Bokeh already, which takes most of a short program's time.

A separate process, the template, imports everything once and forks each program. The process that requests a
program is its parent, so that signals, exit codes and streams are those of any child. On other platforms, and
for other commands, the program starts normally.
"""

from __future__ import annotations

import atexit
import builtins
import ctypes
import gc
import importlib
import io
import json
import logging
import os
import runpy
import signal
import socket
import subprocess
import sys
import types
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PRELOADED = (
    "bokeh.io", "bokeh.layouts", "bokeh.models", "bokeh.plotting", "bokeh.server.server", "IPython",
    "ipykernel.heartbeat", "ipykernel.iostream", "ipykernel.ipkernel", "ipykernel.parentpoller",
    "ipykernel.zmqshell", "jupyter_client.launcher", "jupyter_client.manager", "nbformat", "pydantic",
    "bokeh_share.apps.registry", "bokeh_share.cli.run_notebook", "bokeh_share.cli.run_script",
    "bokeh_share.notebook.magic", "bokeh_share.sharing.share",
)  # fmt: skip
"""The modules to import, without `ipykernel.kernelapp`, which reads its parent's id when it is imported."""
FILE_POLL_INTERVAL = 0.05
"""Seconds, instead of half a second, between two checks of a file by the command line."""
PR_SET_CHILD_SUBREAPER = 36
MAX_REQUEST_BYTES = 1 << 20
IS_POSSIBLE = sys.platform == "linux"


class Template:
    """The process that forks programs, as its clients use it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    @classmethod
    def start(cls) -> Template:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # A process with threads should not fork.
            environ = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
            argv = [sys.executable, __file__, str(theirs.fileno())]
            process = subprocess.Popen(
                argv, pass_fds=[theirs.fileno()], env=environ, stdin=subprocess.DEVNULL
            )
        template = cls(ours)
        atexit.register(process.wait)
        atexit.register(ours.close)  # this ends the template
        return template

    def fork(self, request: dict[str, Any], streams: Sequence[int]) -> int:
        """Return the id of a program, which is a child of this process."""
        _adopt_orphans(True)
        try:
            socket.send_fds(self._connection, [json.dumps(request).encode()], streams)
            return int(self._connection.recv(100))
        finally:
            _adopt_orphans(False)


class Popen(subprocess.Popen[Any]):
    """Like `subprocess.Popen`, but modules and scripts of this Python start warm."""

    template: Template | None = None

    def _execute_child(self, args: Any, executable: Any, preexec_fn: Any, close_fds: Any, pass_fds: Any,
                       cwd: Any, env: Any, *more: Any) -> None:  # fmt: skip
        *_, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite = more[:9]
        start_new_session = more[-2]
        environ = {**os.environ} if env is None else {**env}
        if not _can_fork(args, environ):
            super()._execute_child(  # type: ignore[misc]
                args, executable, preexec_fn, close_fds, pass_fds, cwd, env, *more
            )
            return
        if Popen.template is None:
            Popen.template = Template.start()
        request = {"args": [*map(str, args[1:])], "cwd": str(cwd or os.getcwd()), "env": environ,
                   "new_session": bool(start_new_session)}  # fmt: skip
        streams = [own if fd == -1 else fd for own, fd in enumerate((p2cread, c2pwrite, errwrite))]
        self.pid = Popen.template.fork(request, streams)
        self._child_created = True
        self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)  # type: ignore[attr-defined]


def _can_fork(args: Any, environ: dict[str, str]) -> bool:
    """Return True for this Python, with the same module path, and with options that a fork can have."""
    return (
        IS_POSSIBLE
        and isinstance(args, list | tuple)
        and args[0] == sys.executable
        and _split(args[1:]) is not None
        and environ.get("PYTHONPATH") == os.environ.get("PYTHONPATH")
    )


def _split(args: Sequence[str]) -> tuple[list[str], str | None, list[str]] | None:
    """Return the options for warnings, the module if there is one, and the arguments from script or module
    on."""
    filters = []
    while args and args[0] == "-W":
        filters, args = [*filters, args[1]], args[2:]
    if args and args[0] == "-m":
        return filters, args[1], [*args[1:]]
    return (filters, None, [*args]) if args and not args[0].startswith("-") else None


def _adopt_orphans(adopts: bool) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(adopts), 0, 0, 0)


def _serve(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork a program for each request. Returns only in the programs: the request and its streams."""
    while True:
        data, streams, _, _ = socket.recv_fds(connection, MAX_REQUEST_BYTES, 3)
        if not data:
            os._exit(0)
        request = json.loads(data)
        reader, writer = os.pipe()
        if not (middle := os.fork()):
            if os.fork():
                os._exit(0)  # the other process becomes an orphan
            if request["new_session"]:
                os.setsid()
            os.write(writer, str(os.getpid()).encode())
            for fd in (reader, writer, connection.detach()):
                os.close(fd)
            return request, streams
        os.waitpid(middle, 0)
        connection.send(os.read(reader, 100))
        for fd in (reader, writer, *streams):
            os.close(fd)


def _prepare(request: dict[str, Any], streams: list[int]) -> None:
    """Make this process equal to one that has just started."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for own, fd in enumerate(streams):
        os.dup2(fd, own)
    for fd in streams:
        os.close(fd)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    for handler in filter(None, (reference() for reference in logging._handlerList)):  # type: ignore[attr-defined]
        if type(handler) is logging.StreamHandler and handler.stream is sys.stderr:
            handler.stream = _Stderr()
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))
    out, err = (io.BufferedWriter(io.FileIO(fd, "w", closefd=False)) for fd in (1, 2))
    sys.stdout = sys.__stdout__ = io.TextIOWrapper(out)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = io.TextIOWrapper(  # type: ignore[misc]
        err, errors="backslashreplace", line_buffering=True
    )
    sys.excepthook = _print_exception


class _Stderr:
    """The current stderr, for logs that the template has set up already: a kernel has its own."""

    def write(self, text: str) -> None:
        sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _print_exception(kind: Any, error: Any, traceback: Any) -> None:
    """Print an exception as Python does, without the frames of this file."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    sys.__excepthook__(kind, error.with_traceback(traceback), traceback)


def _run(args: Sequence[str]) -> None:
    parts = _split(args)
    assert parts is not None
    filters, module, sys.argv = parts
    for action in filters:
        warnings.simplefilter(action)  # type: ignore[arg-type]
    sys.warnoptions += filters
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    vars(main)["__builtins__"] = builtins
    if module is not None:
        sys.path.insert(0, os.getcwd())
        if module == "bokeh_share":
            vars(sys.modules["bokeh_share.cli.schedule"])["FILE_POLL_INTERVAL"] = FILE_POLL_INTERVAL
            _keep_template_for_kernels()
        runpy._run_module_as_main(module)  # type: ignore[attr-defined]
    else:
        sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
        main.__file__ = sys.argv[0]
        exec(compile(Path(sys.argv[0]).read_bytes(), sys.argv[0], "exec"), vars(main))


def _keep_template_for_kernels() -> None:
    """Fork once more before there are threads: the programs it starts have to come from its child."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork():
        theirs.close()
        Popen.template = Template(ours)
        sys.modules["jupyter_client.launcher"].Popen = Popen  # type: ignore[attr-defined]
        return
    ours.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(os.devnull, "r+b", buffering=0) as nothing:
        for fd in range(3):
            os.dup2(nothing.fileno(), fd)
    _become(theirs)
    sys.exit()


def _become(connection: socket.socket) -> None:
    """Be a template until no client is left; in each program, run it to its end."""
    request, streams = _serve(connection)
    _prepare(request, streams)
    _run(request["args"])


def main() -> None:
    sys.path.pop(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in PRELOADED:
        with suppress(ImportError):  # the extras are missing
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    _become(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
