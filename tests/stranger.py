"""Uses the installed command as a stranger does: a folder of files, a shell, signals.

home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
assert home.once()["alerts"] == 1

Insider runs commands in the test's own process: where it is not the point that each is a process,
that saves the second which a start takes.
"""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.main import main

RULES = """
rules:
  - name: داعش
    any: [داعش]
    severity: high
  - name: مخمور المكان
    places: [مخمور]
"""
PATIENCE = 60  # seconds until a command counts as hung
_LOGGERS = ("", "rasid", "rasid.feeds")


@contextmanager
def own_logging() -> Iterator[None]:
    """Commands set up the process's log: that ends here."""
    root = logging.getLogger()
    handlers, levels = root.handlers[:], [logging.getLogger(name).level for name in _LOGGERS]
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for name, level in zip(_LOGGERS, levels, strict=True):
            logging.getLogger(name).setLevel(level)


class Stranger:
    """A configuration folder, its state beside it, and the commands run over them."""

    def __init__(
        self,
        folder: Path,
        *,
        feeds: Mapping[str, str],
        channels: Mapping[str, str],
        rules: str = RULES,
        interval: str = "1s",
    ) -> None:
        self.folder = folder / "config"
        self.state = folder / "state"
        self.folder.mkdir()
        listed = "".join(
            f"  {name}: {{url: {json.dumps(url)}}}\n" for name, url in channels.items()
        )
        self.write(
            "monitor.yaml",
            f"state: {json.dumps(str(self.state))}\n"
            "allow_private: [127.0.0.0/8]\n"
            f"polling: {{interval: {interval}, min_interval: 0s, timeout: 10s}}\n"
            f"channels:\n{listed}",
        )
        self.write(
            "feeds.yaml",
            "feeds:\n"
            + "".join(f"  - {{name: {name}, url: {json.dumps(u)}}}\n" for name, u in feeds.items()),
        )
        self.write("rules.yaml", rules)

    def write(self, name: str, text: str) -> None:
        """Writes one of the configuration's files."""
        (self.folder / name).write_text(text, "utf-8")

    def command(self, *args: str) -> list[str]:
        """The command line: the command's name, then the folder."""
        return [sys.executable, "-m", "monitor", args[0], "-c", str(self.folder), *args[1:]]

    def run(self, *args: str, data: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        return subprocess.run(
            self.command(*args),
            input=data,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            env=self.environ(),
        )

    def once(self, expect: Sequence[int] = (0,)) -> dict[str, Any]:
        """One pass; its report."""
        done = self.run("once", "--json")
        assert done.returncode in expect, (done.returncode, done.stdout, done.stderr)
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def environ(self, **more: str) -> dict[str, str]:
        """Our environment without what would lead the command elsewhere."""
        unwanted = {"STATE_DIRECTORY", "RASID_CONFIG", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET"}
        return {k: v for k, v in os.environ.items() if k not in unwanted} | more


class Insider(Stranger):
    """Runs its commands in this process. What one leaves to the next stands on the disk, as it does
    between processes."""

    def run(self, *args: str, data: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        command = self.command(*args)[3:]
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
        with pytest.MonkeyPatch.context() as patch, own_logging():
            for name in os.environ.keys() - self.environ().keys():
                patch.delenv(name)
            given = io.BytesIO((data or "").encode())
            patch.setattr(sys, "stdin", io.TextIOWrapper(given, "utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = main(command)
        told = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
        return subprocess.CompletedProcess(command, code, *told)


class Daemon:
    """`rasid run` in a process of its own; `with` kills it at the end if it still runs."""

    def __init__(self, stranger: Stranger, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(exist_ok=True)
        self._stranger = stranger

    def __enter__(self) -> Daemon:
        address = self._folder / "notify"
        address.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))
        self._socket.settimeout(PATIENCE)
        self.log = self._folder / "log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._stranger.command("run"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._stranger.environ(NOTIFY_SOCKET=str(address)),
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._socket.close()

    def wait_until_ready(self) -> None:
        """Waits until systemd would be told READY=1."""
        while b"READY=1" not in self._socket.recv(4096):
            assert self.process.poll() is None, self.log.read_text("utf-8")

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self, within: float = PATIENCE) -> int:
        """SIGTERM; the exit code. Raises where it takes longer than `within` seconds."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)
