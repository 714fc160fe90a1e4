"""The clean release build that a newcomer waits for, whole and target by target.

Whole: one build of `apus` in an empty folder. By target: a second empty folder, each target
built after those it stands on, so that its share is its own; a build with nothing to do is
subtracted. Takes minutes, so it runs only when it is named.
"""

import json
import subprocess
import time
from pathlib import Path

from apus import ROOT
from measure import alone, folder

ABOUT = "clean release build, whole and by target (minutes)"


def run(quick: bool):
    with folder() as place:
        yield alone("build", "apus, clean, all cores", [swift(place, "--product", "apus")], "s")
        nothing = swift(place, "--product", "apus")
        yield alone("build", "nothing to do", [nothing], "s")
    if quick:
        return
    with folder() as place:
        swift(place, "--target", "CIntrinsics")
        for name in in_order(targets(), "apus"):
            took = swift(place, "--target", name)
            yield alone("build", name, [max(0.0, took - nothing)], "s")


def swift(scratch: Path, *words: str) -> float:
    began = time.monotonic()
    subprocess.run(
        ["swift", "build", "-c", "release", "--scratch-path", str(scratch), *words],
        cwd=ROOT,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    return time.monotonic() - began


def targets() -> dict[str, list[str]]:
    dump = subprocess.run(
        ["swift", "package", "dump-package"], cwd=ROOT, check=True, capture_output=True
    )
    return {
        target["name"]: [
            (dependency.get("byName") or dependency["target"])[0]
            for dependency in target["dependencies"]
        ]
        for target in json.loads(dump.stdout)["targets"]
        if target["type"] != "system"
    }


def in_order(all_targets: dict[str, list[str]], name: str) -> list[str]:
    """`name` and all that it stands on, lowest first, without the C libraries."""
    order: list[str] = []

    def visit(one: str) -> None:
        for other in all_targets[one]:
            if other in all_targets and other not in order:
                visit(other)
        order.append(one)

    visit(name)
    return order
