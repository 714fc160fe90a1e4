"""Prints `PASSED FAILED` of a pytest report: counts.py REPORT EXIT_CODE."""

import sys
import xml.etree.ElementTree as tree


def counts(report: str, exit_code: int) -> tuple[int, int]:
    try:
        suites = list(tree.parse(report).getroot().iter("testsuite"))
    except (OSError, tree.ParseError):
        return 0, 1  # pytest died before it wrote a report
    total = sum(int(suite.get("tests", 0)) for suite in suites)
    skipped = sum(int(suite.get("skipped", 0)) for suite in suites)
    failed = sum(int(suite.get(kind, 0)) for suite in suites for kind in ("failures", "errors"))
    if exit_code != 0 and failed == 0:
        failed = 1  # for example no test was found
    return max(0, total - skipped - failed), failed


if __name__ == "__main__":
    print(*counts(sys.argv[1], int(sys.argv[2])))
