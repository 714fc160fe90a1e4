"""Runs every rule of the house on the repository, and shows that each can fail."""

from pathlib import Path

import house
import pytest
import rows
import swift_source
from house import Tree

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tree() -> Tree:
    return Tree.of_repository(ROOT)


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_repository_keeps(rule, tree):
    """the repository keeps each rule of the house"""
    found = rule(tree)
    if found:
        shown = "\n".join(found[:60]) + (f"\n... {len(found)} in all" if len(found) > 60 else "")
        pytest.fail(f"{rule.__doc__}\n{shown}", pytrace=False)


def target(name: str, path: str, *dependencies: str) -> dict:
    return {
        "name": name,
        "path": path,
        "dependencies": [{"byName": [dependency, None]} for dependency in dependencies],
    }


TARGETS = [
    target("CUV", "Sources/System/CUV"),
    target("Bytes", "Sources/Ground/Bytes"),
    target("Host", "Sources/Ground/Host", "Bytes", "CUV"),
    target("HTTP", "Sources/Ground/HTTP", "Bytes", "Host"),
    target("Storage", "Sources/Engines/Storage", "Bytes"),
    target("Ring", "Sources/Engines/Ring", "Bytes"),
    target("Platform", "Sources/Platform", "Bytes"),
    target("DatabaseEngine", "Sources/Services/Database/Engine", "Storage"),
    target("DatabaseServer", "Sources/Services/Database/Server", "DatabaseEngine", "Host"),
    target("Bookmarks", "Sources/Product/Bookmarks", "Platform"),
    target("Web", "Sources/Product/Web", "Bookmarks", "HTTP", "Platform"),
    target("apus", "Sources/apus", "Web", "Host"),
    target("BytesTests", "Tests/BytesTests", "Bytes"),
]
LONG = "func long() {\n" + "    step()\n" * 70 + "}\n"

# rule, a file that breaks it, one that keeps it
CASES = [
    (house.imports, "Sources/Ground/Bytes/A.swift", "import Host\n", "import Synchronization\n"),
    (house.imports, "Sources/Ground/Bytes/A.swift", "import Glibc\n", ""),
    (house.imports, "Sources/Ground/Host/A.swift", "import Foundation\n", "import Glibc\n"),
    (house.imports, "Sources/Engines/Storage/A.swift", "import Ring\n", "import Bytes\n"),
    (house.imports, "Sources/Product/Bookmarks/A.swift", "import Storage\n", "import Platform\n"),
    (house.imports, "Sources/Product/Bookmarks/A.swift", "import Web\n", ""),
    (house.imports, "Sources/Product/Web/A.swift", "import Host\n", "import HTTP\n"),
    (
        house.imports,
        "Sources/Services/Database/Engine/A.swift",
        "import DatabaseServer\n",
        "import Storage\n",
    ),
    (house.imports, "Sources/apus/A.swift", "import Bytes\n", "import Web\n"),
    (house.imports, "Sources/apus/A.swift", "import SomebodysPackage\n", "// import X\n"),
    (house.imports, "Sources/Stray/A.swift", "let a = 1\n", None),
    (house.sizes, "Sources/apus/A.swift", "// " + "x" * 98, "// " + "x" * 97),
    (house.sizes, "Sources/apus/A.swift", "let a = 1\n" * 701, "let a = 1\n" * 700),
    (house.sizes, "Sources/apus/A.swift", LONG, LONG.replace("    step()\n", "", 2)),
    (house.banned, "Sources/apus/A.swift", "try! f()", 'let a = "try! f()"  // try!'),
    (house.banned, "Sources/apus/A.swift", "let b = a as! B", "let b = a as? B"),
    (house.banned, "Sources/Engines/Storage/A.swift", "class A: @unchecked Sendable {}", ""),
    (house.banned, "Sources/Product/Web/A.swift", "Task { f() }", "let t: Task<Void, Never>"),
    (house.banned, "Sources/Product/Web/A.swift", "Task.detached { f() }", "Task.yield()"),
    (house.banned, "Sources/Product/Web/A.swift", "DispatchQueue.main", ""),
    (house.banned, "Sources/Product/Web/A.swift", "actor Cache {\n}", "let actor = 1"),
    (house.banned, "Sources/Ground/Host/A.swift", 'print("x")', 'log.print("x")'),
    (house.banned, "Sources/Ground/Host/A.swift", 'fatalError("x")', ""),
    (house.banned, "Sources/apus/A.swift", "do { f() } catch { // so\n}", "catch { g() }"),
    (house.banned, "Sources/apus/A.swift", "do { f() } catch .x {}", "catch .x { // so\n}"),
    (house.banned, "Sources/apus/A.swift", "    _ = try? f()", "let a = try? f()"),
    (house.banned, "Tests/BytesTests/A.swift", "@testable import Bytes", ""),
    (house.banned, "Sources/Ground/Bytes/A.swift", "public struct A {}", "package struct A {}"),
    (house.promises, "Sources/apus/A.swift", "// FIX" + "ME: later", ""),
    (house.promises, "Sources/apus/A.swift", "// TO" + "DO: later", "// TO" + "DO(when x lands)"),
    (
        house.documented,
        "Sources/apus/A.swift",
        "package struct A {}\n",
        "/// An A.\n@frozen\npackage struct A {}\n",
    ),
    (
        house.documented,
        "Sources/apus/A.swift",
        "    @inlinable package mutating func f() {}\n",
        "    /// Does.\n    package func f() {}\n    package func f(_ a: Int) {}\n",
    ),
    (house.links, "docs/a.md", "[x](missing.md)\n", "[x](a.md) [y](https://b.c) [z](../docs)\n"),
    (house.links, "docs/formats/x.md", "The bytes.\n", None),
    (house.row_table, "docs/rows.md", "", rows.HEADER),
    (house.places, "Sources/Ground/Utils/A.swift", "", None),
    (house.unused_files, "Sources/apus/A.swift", "// nothing\n", "f()\n"),
    (house.unused_files, "Sources/apus/A.swift", "struct Lonely {}\n", "struct A { var a: A? }\n"),
    (house.unused_files, "docs/lonely.md", "", None),
    (house.workplace, "docs/a.md", "see /wor" + "k/main", "see ../work/main, at work/"),
    (house.workplace, "docs/a.md", "from registry.example.test", "from pypi.org"),
]


@pytest.mark.parametrize(
    "rule, path, bad, good", CASES, ids=lambda value: getattr(value, "__name__", None)
)
def test_rule_can_fail(rule, path, bad, good):
    """each rule finds what it is for, and lets its neighbour pass"""

    def made_up(text: str) -> Tree:
        return Tree({path: text}, TARGETS, None, ("registry.example.test",))

    assert rule(made_up(bad)), "the rule did not see it"
    if good is not None:
        assert rule(made_up(good)) == []


def test_format_rule_can_fail(tmp_path):
    """a badly formatted file is found"""
    (tmp_path / "Package.swift").write_text("let a = 1\n")
    (tmp_path / "Sources").mkdir()
    (tmp_path / "Sources" / "A.swift").write_text("let  a=1;\n")
    assert house.formatted(Tree({}, [], tmp_path))


def test_source_reader():
    """comments and strings are blanked, bodies are measured"""
    text = 'let a = "x \\(f("}")) y" // b {\n/* c /* d */ { */ func e(\n  _ f: Int\n) {\n}\n'
    code = swift_source.code_only(text)
    assert len(code) == len(text) and "{" in code and "b" not in code and "}" in code
    assert [(b.name, b.first, b.last) for b in swift_source.functions(code)] == [("e", 2, 5)]
    protocol = "protocol P {\n  func a() -> Int\n  func b()\n}\nfunc c() -> [Int]\nwhere X {\n}\n"
    assert [b.name for b in swift_source.functions(protocol)] == ["c"]


def test_rows_are_found():
    """rows are read from Swift and Python tests and sorted by number"""
    text = rows.render(
        {
            "Tests/A/A.swift": '@Test("LS-10 and LS-2: reads | go down") func a() {}',
            "Tests/B/test_b.py": 'def test_b():\n    """BK-1 a saved bookmark is there"""\n',
            "Sources/A.swift": '@Test("ZZ-1 not a test")',
        }
    )
    assert text == rows.HEADER + (
        "| BK-1 | a saved bookmark is there | [test_b.py](../Tests/B/test_b.py) |\n"
        "| LS-2 | reads \\| go down | [A.swift](../Tests/A/A.swift) |\n"
        "| LS-10 | reads \\| go down | [A.swift](../Tests/A/A.swift) |\n"
    )
