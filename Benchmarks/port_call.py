"""A call of the database port in process, beside the engine that it stands on.

The Swift part is the target apus-bench (Benchmarks/PortCall); it prints one JSON object a round.
"""

import json
import os
import subprocess
from pathlib import Path

from measure import alone, beside

ABOUT = "a get through the database port, beside the engine itself"


def run(quick: bool):
    program = Path(os.environ["APUS_SCRATCH"]) / "release" / "apus-bench"
    rounds = "1" if quick else "9"
    done = subprocess.run(
        [str(program), "--rounds", rounds, "--calls", "20000" if quick else "1000000"],
        capture_output=True,
        text=True,
        check=True,
    )
    measured: dict[str, list[dict]] = {}
    for line in done.stdout.splitlines():
        one = json.loads(line)
        measured.setdefault(one["measure"], []).append(one)
    for measure, ones in measured.items():
        pairs = [(one["ours"], one["peer"]) for one in ones]
        yield beside("port_call", measure, pairs, "engine", "ns", less_is_better=True)
        over = [ours - peer for ours, peer in pairs]
        yield alone("port_call", measure + ": above the engine", over, "ns")
