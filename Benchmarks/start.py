"""Starting with an empty folder, what it holds when idle, and how large the binary is."""

import subprocess
import time

import requests
from apus import BINARY, Server
from measure import alone, folder, memory_kb

ABOUT = "start with an empty folder, idle memory, size of the binary"


def run(quick: bool):
    rounds = 1 if quick else 9
    told, answered, again, memory = [], [], [], []
    for _ in range(rounds):
        with folder() as place:
            server = Server(place / "data")
            began = time.monotonic()
            with server:
                told.append(server.started_in * 1000)
                assert requests.get(server.url + "/health").status_code == 200
                answered.append((time.monotonic() - began) * 1000)
                time.sleep(0.5)
                memory.append(memory_kb(server.pid, "VmRSS") / 1024)
                server.stop()
                server.start()
                again.append(server.started_in * 1000)
    yield alone("start", "empty folder until the address", told, "ms")
    yield alone("start", "empty folder until an answer", answered, "ms")
    yield alone("start", "second start until the address", again, "ms")
    yield alone("start", "idle memory (VmRSS)", memory, "MB")
    size = BINARY.stat().st_size / (1 << 20)
    yield alone("start", "binary", [size], "MB")
    with folder() as place:
        subprocess.run(["strip", "-o", place / "apus", BINARY], check=True)
        size = (place / "apus").stat().st_size / (1 << 20)
    yield alone("start", "binary, stripped", [size], "MB")
