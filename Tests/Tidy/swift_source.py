"""Reads Swift source as far as tidy needs it: code without comments and strings, and bodies.

Not a parser. Comments and the contents of string literals become spaces, so that columns and
lines stay where they were; interpolations are blanked with their string.
"""

import re
from dataclasses import dataclass


def code_only(text: str) -> str:
    """The text with comments and string contents replaced by spaces, same length and lines."""
    out = list(text)
    i, end = 0, len(text)

    def blank(start: int, stop: int) -> None:
        for at in range(start, min(stop, end)):
            if out[at] != "\n":
                out[at] = " "

    while i < end:
        two = text[i : i + 2]
        if two == "//":
            stop = text.find("\n", i)
            stop = end if stop < 0 else stop
            blank(i, stop)
            i = stop
        elif two == "/*":
            stop = _end_of_block_comment(text, i)
            blank(i, stop)
            i = stop
        elif text[i] == '"' or (text[i] == "#" and re.match(r'#+"', text[i : i + 8])):
            stop = _end_of_string(text, i)
            blank(i + 1, stop - 1)
            i = stop
        else:
            i += 1
    return "".join(out)


def _end_of_block_comment(text: str, start: int) -> int:
    depth, i = 0, start
    while i < len(text):
        if text.startswith("/*", i):
            depth, i = depth + 1, i + 2
        elif text.startswith("*/", i):
            depth, i = depth - 1, i + 2
            if depth == 0:
                return i
        else:
            i += 1
    return len(text)


def _end_of_string(text: str, start: int) -> int:
    hashes = 0
    while text[start + hashes] == "#":
        hashes += 1
    i = start + hashes
    quote = '"""' if text.startswith('"""', i) else '"'
    closing, escape = quote + "#" * hashes, "\\" + "#" * hashes
    i += len(quote)
    while i < len(text):
        if text.startswith(closing, i):
            return i + len(closing)
        if text.startswith(escape + "(", i):
            i = _end_of_interpolation(text, i + len(escape))
        elif text.startswith(escape, i):
            i += len(escape) + 1
        elif quote == '"' and text[i] == "\n":
            return i  # not closed: let the compiler complain
        else:
            i += 1
    return len(text)


def _end_of_interpolation(text: str, start: int) -> int:
    depth, i = 0, start
    while i < len(text):
        if text[i] == '"':
            i = _end_of_string(text, i)
            continue
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        i += 1
        if depth == 0:
            return i
    return len(text)


@dataclass(frozen=True)
class Body:
    """A function with braces: `name`, first and last line (1-based, inclusive)."""

    name: str
    first: int
    last: int


_function = re.compile(r"\b(?:func\s+(`?[^\s(<]+)|(init|subscript)[?!]?\s*(?=[(<])|(deinit)\b)")


def functions(code: str) -> list[Body]:
    """Functions, initialisers and subscripts of `code` (as `code_only` returns it)."""
    found = []
    for match in _function.finditer(code):
        before = code[: match.start()].rstrip(" ")
        if before.endswith((".", "self")):
            continue  # a call of an initialiser
        opening = _opening_brace(code, match.end())
        if opening is None:
            continue
        closing = matching_brace(code, opening)
        name = next(group for group in match.groups() if group)
        first = code.count("\n", 0, match.start()) + 1
        found.append(Body(name, first, code.count("\n", 0, closing) + 1))
    return found


def _opening_brace(code: str, start: int) -> int | None:
    """Where the body of a declaration that goes on at `start` begins; None without a body."""
    depth = 0
    for at in range(start, len(code)):
        char = code[at]
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
            if depth < 0:
                return None
        elif depth == 0 and char == "{":
            return at
        elif depth == 0 and char in "};" or depth == 0 and char == "\n" and _ends_here(code, at):
            return None
    return None


def _ends_here(code: str, newline: int) -> bool:
    """Whether a declaration without a body ends at this line's end."""
    following = code[newline:].lstrip()
    return not re.match(r"(->|\)|\{|throws\b|async\b|where\b|rethrows\b|,|&)", following) and (
        not code[:newline].rstrip().endswith((",", "->", "where", "&", ":", "throws", "async"))
    )


def matching_brace(code: str, opening: int) -> int:
    depth = 0
    for at in range(opening, len(code)):
        depth += {"{": 1, "}": -1}.get(code[at], 0)
        if depth == 0:
            return at
    return len(code) - 1
