"""The rules of the house: each takes a `Tree` and returns what breaks it, as `path:line: why`.

`RULES` lists them all; test_tidy.py runs each on the repository and shows that each can fail.
Standard library only, and no rule takes a second but for the one that calls `swift format`.
"""

import json
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import rows
import swift_source

LINE_MAX = 100
FILE_LINES_MAX = 700
FUNCTION_LINES_MAX = 70

TEXT = (".swift", ".md", ".py", ".sh", ".c", ".h", ".modulemap", ".js", ".css", ".html", ".txt")


@dataclass
class Tree:
    """The repository's own files; `root` is None for made-up trees."""

    files: dict[str, str]
    targets: list[dict] = field(default_factory=list)
    root: Path | None = None
    hosts: tuple[str, ...] = ()  # registries of the machine, which must not be named

    @classmethod
    def of_repository(cls, root: Path) -> "Tree":
        names = _output(root, "git", "ls-files", "-co", "--exclude-standard").splitlines()
        files = {}
        for name in sorted(set(names)):
            path = root / name
            if path.is_file():
                files[name] = path.read_text(encoding="utf-8") if _is_text(path) else ""
        dump = json.loads(_output(root, "swift", "package", "dump-package"))
        return cls(files, dump["targets"], root, registry_hosts())

    @cached_property
    def swift(self) -> dict[str, str]:
        """Swift files of Sources, Tests and Benchmarks: code without comments and strings."""
        return {
            path: swift_source.code_only(text)
            for path, text in self.files.items()
            if path.endswith(".swift") and path != "Package.swift"
        }

    @cached_property
    def sources(self) -> dict[str, str]:
        return {path: code for path, code in self.swift.items() if path.startswith("Sources/")}


def _output(root: Path, *command: str) -> str:
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def _is_text(path: Path) -> bool:
    if path.suffix in TEXT:
        return True
    with path.open("rb") as file:
        start = file.read(4096)
    try:
        start.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in start


def registry_hosts() -> tuple[str, ...]:
    """Hosts of this machine's package registries, but for the public ones everybody knows."""
    text = ""
    files = [Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf"]
    files += [Path.home() / ".pip/pip.conf", Path("/etc/apt/sources.list")]
    files += sorted(Path("/etc/apt/sources.list.d").glob("*")) + sorted(
        Path("/etc/apt/apt.conf.d").glob("*")
    )
    for path in files:
        if path.is_file():
            text += path.read_text(encoding="utf-8", errors="replace")
    hosts = set(re.findall(r"https?://(?:[^@/\s]*@)?([A-Za-z0-9.-]+)", text))
    public = ("debian.org", "pypi.org", "pythonhosted.org", "apt.postgresql.org")
    known = ("localhost", "127.0.0.1")
    return tuple(sorted(h for h in hosts if not h.endswith(public) and h not in known))


def lines_where(path: str, text: str, pattern: str, why: str, flags: int = 0) -> list[str]:
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {why}"
        for match in re.finditer(pattern, text, flags | re.MULTILINE)
    ]


# Floors and imports

FLOORS = ("System", "Ground", "Engines", "Platform", "Services", "Drivers", "Product")
ABOVE_ALL = ("Simulator", "apus")
PAIRS = {
    "Text": {"Bytes"},
    "Host": {"Bytes"},
    "HTTP": {"Bytes", "Host", "Text"},
    "Storage": {"Journal"},
    "Consensus": {"Journal"},
    "Replication": {"Ring"},
}
PRODUCT_MAY = {"Bytes", "Text", "Platform"}
TOOLCHAIN = {"Glibc", "Foundation", "FoundationEssentials", "Synchronization", "Testing"}
TOOLCHAIN |= {"Swift", "_Concurrency", "Builtin", "Musl", "Darwin"}
_import = re.compile(
    r"^\s*(?:@\w+\s+|package |internal |private |public )*import\s+(?:\w+\s+)?(\w+)"
)


@dataclass(frozen=True)
class Room:
    name: str
    path: str
    depends: frozenset[str]

    @property
    def floor(self) -> int:
        part = self.path.split("/")[1] if self.path.startswith("Sources/") else ""
        if part in ABOVE_ALL:
            return len(FLOORS)
        return FLOORS.index(part) if part in FLOORS else len(FLOORS) + 1


def rooms(tree: Tree) -> list[Room]:
    found = []
    for target in tree.targets:
        names = set()
        for dependency in target["dependencies"]:
            names.add((dependency.get("byName") or dependency.get("target"))[0])
        path = target.get("path") or f"Sources/{target['name']}"
        found.append(Room(target["name"], path, frozenset(names)))
    return found


def import_refused(room: Room, other: Room) -> str | None:
    """Why `room` must not import `other`; None when it may."""
    if room.floor > len(FLOORS):
        return None  # tests and benchmarks
    if other.floor > room.floor:
        return "imports point downward only"
    if room.path.startswith("Sources/Product/"):
        beside = other.path.startswith("Sources/Product/")
        allowed = PRODUCT_MAY | ({"HTTP"} if room.name == "Web" else set())
        if other.name in allowed or (room.name == "Web" and beside):
            return None
        return "the product sees Platform, Bytes and Text only (Web also HTTP and the product)"
    if room.path == "Sources/Platform" and other.name != "Bytes":
        return "Platform holds ports and plain values: only Bytes"
    if other.path.startswith("Sources/System/") and room.floor > FLOORS.index("Ground"):
        return "only Ground touches C libraries"
    if other.floor == room.floor and room.floor < len(FLOORS):
        if other.name in PAIRS.get(room.name, set()) or room.path.startswith("Sources/System/"):
            return None
        if room.path.startswith("Sources/Services/") and _same_service_downward(room, other):
            return None
        return "rooms of one floor do not import each other (but for the pairs of the house)"
    return None


def _same_service_downward(room: Room, other: Room) -> bool:
    order = ("Engine", "Protocol", "Server")
    mine, theirs = room.path.split("/"), other.path.split("/")
    if mine[2] != theirs[2] or mine[3] not in order or theirs[3] not in order:
        return False
    return order.index(theirs[3]) < order.index(mine[3])


def imports(tree: Tree) -> list[str]:
    """Imports point downward, are declared, and the operating system stays in Host."""
    found = []
    by_name = {room.name: room for room in rooms(tree)}
    by_length = sorted(by_name.values(), key=lambda room: -len(room.path))
    for room in by_name.values():
        for name in sorted(room.depends & by_name.keys()):
            why = import_refused(room, by_name[name])
            if why:
                found.append(f"Package.swift: {room.name} -> {name}: {why}")
    for path, code in tree.swift.items():
        room = next((r for r in by_length if path.startswith(r.path + "/")), None)
        if room is None:
            found.append(f"{path}: belongs to no target of Package.swift")
            continue
        for number, line in enumerate(code.splitlines(), 1):
            match = _import.match(line)
            if not match:
                continue
            name, place = match.group(1), f"{path}:{number}: import {match.group(1)}: "
            if name in by_name:
                why = import_refused(room, by_name[name])
                if why:
                    found.append(place + why)
                if name not in room.depends:
                    found.append(place + "not declared as a dependency in Package.swift")
            elif path.startswith("Sources/"):
                if name.startswith("Foundation"):
                    found.append(place + "no Foundation in Sources: use Bytes, Text and Host")
                elif name in ("Glibc", "Musl", "Darwin") and room.name != "Host":
                    found.append(place + "only Host and System touch the operating system")
            if name not in by_name and name not in TOOLCHAIN:
                found.append(place + "neither one of our rooms nor of the toolchain")
    return found


# Sizes


def sizes(tree: Tree) -> list[str]:
    """Lines, files and functions stay short."""
    found = []
    for path, text in tree.files.items():
        code = path.endswith((".swift", ".py", ".c", ".h", ".js"))
        shell = path in ("run", "test", "bench") or path.endswith(".sh")
        if not (code or shell):
            continue
        lines = text.splitlines()
        code_lines = tree.swift[path].splitlines() if path in tree.swift else lines
        if len(lines) > FILE_LINES_MAX:
            found.append(f"{path}: {len(lines)} lines, at most {FILE_LINES_MAX}: split it")
        for number, (line, code_line) in enumerate(zip(lines, code_lines, strict=True), 1):
            if len(line) > LINE_MAX and not _cannot_be_broken(path, line, code_line):
                found.append(f"{path}:{number}: {len(line)} columns, at most {LINE_MAX}")
    for path, code in tree.swift.items():
        for body in swift_source.functions(code):
            length = body.last - body.first + 1
            if length > FUNCTION_LINES_MAX:
                found.append(
                    f"{path}:{body.first}: {body.name} has {length} lines, "
                    f"at most {FUNCTION_LINES_MAX}"
                )
    return found


def _cannot_be_broken(path: str, line: str, code_line: str) -> bool:
    """An address, or a test's golden text."""
    is_text = re.fullmatch(r'[\s+#"),]*', code_line) and not line.lstrip().startswith("//")
    golden = path.startswith("Tests/") and is_text
    return bool(golden or re.search(r"https?://\S{40,}", line))


def formatted(tree: Tree) -> list[str]:
    """`swift format lint` says nothing."""
    if tree.root is None:
        return []
    folders = [name for name in ("Sources", "Tests", "Benchmarks") if (tree.root / name).is_dir()]
    done = subprocess.run(
        ["swift", "format", "lint", "--parallel", "-r", "Package.swift", *folders],
        cwd=tree.root,
        capture_output=True,
        text=True,
    )
    return (done.stdout + done.stderr).strip().splitlines()


# Words


@dataclass(frozen=True)
class Ban:
    pattern: str
    instead: str
    within: str = ""  # only paths that start with this
    without: tuple[str, ...] = ()  # but not those


BANS = (
    Ban(r"\btry!", "handle the error, or precondition what cannot fail"),
    Ban(r"\bas!", "use as? and handle nil, or a type that needs no cast"),
    Ban(
        r"@unchecked\s+Sendable",
        "let Host own what is shared (LoopOwned, Locked)",
        "Sources/",
        ("Sources/Ground/Host/",),
    ),
    Ban(
        r"\bTask\s*(\.\s*(detached|immediate)\b|[({])",
        "use Jobs: it stays on the loop",
        "Sources/Product/",
    ),
    Ban(r"\bDispatchQueue\b", "use Host's loops and workers", "Sources/"),
    Ban(
        r"^\s*(?:package |final |private )*actor\s+\w",
        "use LoopOwned: an actor moves the task",
        "Sources/",
    ),
    Ban(
        r"(?<![.\w])(?:debugPrint|print|dump)\(",
        "use Log; only apus prints",
        "Sources/",
        ("Sources/apus/",),
    ),
    Ban(r"\bfatalError\(", "throw a typed error, or precondition our own bug", "Sources/"),
    Ban(r"\bcatch(?:\s+[^{}]+)?\s*\{\s*\}", "answer, log or rethrow what was caught"),
    Ban(r"^\s*_\s*=\s*(?:await\s+)?try\?", "do not swallow the error", "Sources/"),
    Ban(r"@testable\b", "test through `package`"),
    Ban(
        r"^\s*(?:@\w+\s+)*(?:public|open)\s+(?:final |struct|class|enum|func|var|let|protocol)",
        "use package: nothing here is a library yet",
        "Sources/",
    ),
    Ban(
        r"\bnonisolated\(unsafe\)\s+(?:\w+\s+)*var\b",
        "own it on a loop, or use Atomic",
        "Sources/",
        ("Sources/Ground/Host/",),
    ),
    Ban(r"\bThread\.sleep\b|\busleep\(", "wait for the event itself", "Sources/"),
)


def banned(tree: Tree) -> list[str]:
    """No call that we have something better for."""
    found = []
    for path, code in tree.swift.items():
        for ban in BANS:
            if path.startswith(ban.within) and not path.startswith(ban.without or ("\0",)):
                for match in re.finditer(ban.pattern, code, re.MULTILINE):
                    if _is_explained(match, tree.files[path]):
                        continue
                    line = code.count("\n", 0, match.start()) + 1
                    found.append(f"{path}:{line}: {_one_line(match)}: {ban.instead}")
    return found


def _is_explained(match: re.Match, text: str) -> bool:
    """An empty catch of named cases, with a comment that says why nothing is to be done."""
    names_cases = re.match(r"catch\s+\.", match.group(0))
    return bool(names_cases) and "//" in text[match.start() : match.end()]


def _one_line(match: re.Match) -> str:
    return " ".join(match.group(0).split())


def promises(tree: Tree) -> list[str]:
    """No FIXME; a TODO says until when."""
    found = []
    for path, text in tree.files.items():
        if path.startswith("Tests/Tidy/") or path.endswith(".md"):
            continue
        found += lines_where(path, text, r"\b(FIXME|XXX|HACK)\b", "mend it before it lands")
        condition = r"\bTODO\b(?![(: ]*\s*(?:when|until|once|after)\b)"
        found += lines_where(path, text, condition, "say when it goes: TODO(when ...)")
    return found


# Documentation

_package = re.compile(
    r"^(?P<before>\s*(?:@\w+(?:\([^)\n]*\))?\s+)*(?:[a-z]+(?:\([a-z]+\))?\s+)*?)package\s+"
    r"(?:[a-z]+\s+)*?(?P<kind>struct|class|enum|protocol|func|typealias)\s+(?P<name>[^\s(<:{]+)"
)


def documented(tree: Tree) -> list[str]:
    """Types and functions of the seam say what they are; overloads share one comment."""
    found = []
    required = set()
    for code in tree.sources.values():
        for match in re.finditer(r"\bprotocol\s+\w+[^{]*\{", code):
            body = code[match.end() : swift_source.matching_brace(code, match.end() - 1)]
            required |= set(re.findall(r"\bfunc\s+([^\s(<]+)", body))
    for path in tree.sources:
        lines = tree.files[path].splitlines()
        told, untold = set(), []
        for number, line in enumerate(lines):
            match = _package.match(line)
            if not match:
                continue
            above = number - 1
            while above >= 0 and lines[above].strip().startswith(("@", "// swift-format")):
                above -= 1
            if above >= 0 and lines[above].strip().startswith("///"):
                told.add(match["name"])
            elif not (match["kind"] == "func" and _is_given(match["name"], required)):
                untold.append((number + 1, match["kind"], match["name"]))
        found += [
            f"{path}:{number}: package {kind} {name} has no documentation"
            for number, kind, name in untold
            if name not in told
        ]
    return found


def _is_given(name: str, required: set[str]) -> bool:
    """Whether a protocol of ours or of the library says what the function does."""
    return name in required or name in ("hash", "next", "encode") or not re.match(r"[\w`]", name)


def links(tree: Tree) -> list[str]:
    """Relative links in Markdown lead to files that exist, and every format is in the index."""
    found = []
    folders = {str(parent) for name in tree.files for parent in Path(name).parents}
    for path, text in tree.files.items():
        if not path.endswith(".md"):
            continue
        for match in re.finditer(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", _spaces, text)):
            target = match.group(1).split("#")[0]
            if not target or re.match(r"[a-z]+:", target):
                continue
            resolved = _normal(Path(path).parent / target)
            if resolved not in tree.files and resolved not in folders:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {target} does not exist")
    index = tree.files.get("docs/formats/README.md", "")
    found += [
        f"docs/formats/README.md: does not lead to {Path(path).name}"
        for path in tree.files
        if re.fullmatch(r"docs/formats/(?!README)[^/]+\.md", path)
        and f"({Path(path).name})" not in index
    ]
    return found


def _spaces(match: re.Match) -> str:
    return " " * len(match.group(0))


def _normal(path: Path) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts) or "."


def row_table(tree: Tree) -> list[str]:
    """docs/rows.md is what the tests' names say."""
    if tree.files.get("docs/rows.md") == rows.render(tree.files):
        return []
    return ["docs/rows.md: not current, run python3 Tests/Tidy/rows.py"]


# Files

VAGUE = ("utils", "util", "misc", "new", "helpers", "common", "stuff", "other")


def places(tree: Tree) -> list[str]:
    """Folders are nouns of the domain."""
    folders = {parent for name in tree.files for parent in Path(name).parents}
    vague = sorted(folder for folder in folders if folder.name.lower() in VAGUE)
    return [f"{folder}: name what it holds" for folder in vague]


ROOTS = ("README.md", "Package.swift", "run", "test", "bench", ".gitignore", ".swift-format")
FOUND_BY_TOOLS = ("conftest.py", "module.modulemap", "LICENSE")


def unused_files(tree: Tree) -> list[str]:
    """No file without content, none that nothing mentions, no type that nobody names."""
    everything = "\n".join(tree.files.values())
    found = [f"{path}: holds no code" for path, code in tree.swift.items() if not code.strip()]
    found += [
        f"{path}: nothing mentions it"
        for path in tree.files
        if not path.endswith((".swift", ".c")) and not _is_mentioned(path, everything)
    ]
    words = Counter()
    for code in tree.swift.values():
        words.update(re.findall(r"\w+", code))
    for path, code in tree.sources.items():
        if path.startswith("Sources/Platform/"):
            continue  # a port may wait for its first caller
        pattern = r"^(?:package |final |private |indirect )*(?:struct|class|enum|protocol)\s+(\w+)"
        for match in re.finditer(pattern, code, re.MULTILINE):
            if words[match.group(1)] == 1:
                line = code.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: nobody uses {match.group(1)}")
    return found


def _is_mentioned(path: str, everything: str) -> bool:
    at = Path(path)
    if path in ROOTS or path.startswith(".ci/") or at.name in FOUND_BY_TOOLS:
        return True
    if at.name.startswith("test_"):
        return True
    if at.suffix == ".py" and re.search(rf"\b(?:import|from) {at.stem}\b", everything):
        return True
    if at.suffix == ".lua" and at.with_suffix(".py").name in everything:
        return True
    return at.name in everything or f"{at.parent.name}/" in everything


# Patterns written so that they do not find themselves.
_workplace = (
    r"(?<![\w.])/wor[k]/",
    r"/tmp/(?:bi[n]|brie[f]|b)/",
    r"\bfar[m]-\w+",
    r"/roo[t]/",
    r"\bissu[e]s? #?\d+\b",
    r"--(?:extra-)?index-ur[l]",
    r"\bPIP_INDE[X]_URL\b",
)


def workplace(tree: Tree) -> list[str]:
    """Nothing of the machine or place where it was written: paths, registries, trackers."""
    found = []
    for path, text in tree.files.items():
        for pattern in _workplace:
            found += lines_where(path, text, pattern, "names the place where it was written")
        for host in tree.hosts:
            if host in text:
                found.append(f"{path}: names a registry of this machine")
    return found


RULES = (
    imports,
    sizes,
    formatted,
    banned,
    promises,
    documented,
    links,
    row_table,
    places,
    unused_files,
    workplace,
)
