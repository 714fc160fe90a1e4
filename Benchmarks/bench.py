"""Runs the benchmarks that are named, and prints what each measured beside its peer."""

import argparse
import json
import sys
from dataclasses import asdict

import add_bookmark
import build
import first_page
import import_file
import list_bookmarks
import page_weight
import people
import port_call
import search
import start
import tiny_get
from measure import Row

ALL = (
    tiny_get,
    list_bookmarks,
    add_bookmark,
    import_file,
    port_call,
    start,
    first_page,
    page_weight,
    people,
    search,
)
ONLY_BY_NAME = (build,)


def main() -> int:
    known = {module.__name__: module for module in ALL + ONLY_BY_NAME}
    parser = argparse.ArgumentParser(
        prog="./bench",
        description="Measures Apus beside its peers in one run: interleaved rounds, medians.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Benchmarks:\n"
        + "\n".join(f"  {name:16}{module.ABOUT}" for name, module in known.items())
        + "\n\nWithout names all run but for "
        + ", ".join(module.__name__ for module in ONLY_BY_NAME)
        + ".\nA ratio above 1 is in our favour; min and max are those of the rounds.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it still work?")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--list", action="store_true", help="print the names only")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(known))
        return 0
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        parser.error(f"no benchmark is named {', '.join(unknown)}; see --list")
    failed = 0
    if not asked.json:
        print(HEADER)
    for module in [known[name] for name in asked.names] or ALL:
        try:
            for row in module.run(asked.quick):
                print(json.dumps(asdict(row)) if asked.json else line(row), flush=True)
        except Exception as error:  # the others still count
            failed += 1
            print(f"{module.__name__} failed: {error}", file=sys.stderr)
    return 1 if failed else 0


HEADER = (
    f"{'bench':15}{'measure':36}{'ours':>12}{'peer':>12}  {'unit':18}{'ratio':>7}"
    f"{'min':>10}{'max':>10}  peer"
)


def line(row: Row) -> str:
    return (
        f"{row.bench:15}{row.measure:36}{number(row.ours):>12}{number(row.peer):>12}  "
        f"{row.unit:18}{number(row.ratio):>7}{number(row.min):>10}{number(row.max):>10}"
        f"  {row.peer_name or ''}"
    ).rstrip()


def number(value: float | None) -> str:
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
