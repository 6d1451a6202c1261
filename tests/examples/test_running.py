from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PLAY = [sys.executable, "-W", "error", "-m", "examples.soft_block", "--port"]


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_cleanly_while_a_tab_is_open(asked):
    with subprocess.Popen(
        [*PLAY, "0"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        address = re.search(r"http://127\.0\.0\.1:\d+", running.stdout.readline())[0]
        with httpx.stream("GET", f"{address}/events") as events:
            lines = events.iter_lines()
            assert [next(lines), next(lines)] == ["event: export", "data: on"]
            running.send_signal(asked)
            assert running.wait(20) == 0
        assert running.stderr.read() == ""


@pytest.mark.parametrize("port", [None, "99999"])
def test_a_port_that_cannot_be_used_is_named_with_the_remedy(port):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = port or str(taken.getsockname()[1])
        ran = subprocess.run([*PLAY, port], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"Port {port} cannot be used (")
    assert "--port" in ran.stderr
