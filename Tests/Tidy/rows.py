"""Writes docs/rows.md: which row of the checklist is shown by which test.

A row's id (two capitals, a hyphen, a number: BK-1) stands in a Swift test's name or in the
first line of a Python test's doc string. Run it after adding such a test:

    python3 Tests/Tidy/rows.py
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = """# Rows of the checklist and their tests

Generated from the names of the tests by `python3 Tests/Tidy/rows.py`; `./test tidy` checks that
it is current.

| row | test | file |
|---|---|---|
"""
_row = re.compile(r"\b[A-Z]{2}-\d+[a-z]?\b")
_swift_test = re.compile(r'@Test\(\s*"((?:[^"\\]|\\.)*)"')


def swift_names(text: str) -> list[str]:
    return _swift_test.findall(text)


def python_names(text: str) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            doc = ast.get_docstring(node)
            if doc:
                names.append(doc.splitlines()[0])
    return names


def render(files: dict[str, str]) -> str:
    """The whole of docs/rows.md for the tests in `files` (path to text)."""
    rows = []
    for path, text in files.items():
        if not path.startswith("Tests/") or path.startswith("Tests/Tidy/"):
            continue
        if path.endswith(".swift"):
            names = swift_names(text)
        elif path.endswith(".py"):
            names = python_names(text)
        else:
            continue
        for name in names:
            for row in sorted(set(_row.findall(name))):
                rows.append((row, name, path))

    def order(entry: tuple[str, str, str]) -> tuple:
        letters, number = entry[0].split("-")
        return letters, int(number.rstrip("abcdefghijklmnopqrstuvwxyz")), entry

    lines = [
        f"| {row} | {_plain(row, name)} | [{Path(path).name}](../{path}) |"
        for row, name, path in sorted(rows, key=order)
    ]
    return HEADER + "".join(line + "\n" for line in lines)


def _plain(row: str, name: str) -> str:
    """The name without the ids in front, safe inside a table."""
    text = re.sub(r"^(?:[A-Z]{2}-\d+[a-z]?[,;:]?\s+(?:and\s+)?)+", "", name)
    return text.replace("|", "\\|")


def main() -> None:
    files = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for folder in sorted((ROOT / "Tests").iterdir())
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".swift", ".py")
    }
    (ROOT / "docs" / "rows.md").write_text(render(files), encoding="utf-8")


if __name__ == "__main__":
    main()
