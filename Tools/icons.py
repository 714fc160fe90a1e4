#!/usr/bin/env python3
"""Draws the site's mark as PNG and writes Sources/Product/Web/Assets/Icons.swift.

The outline is the path of Assets/Mark.swift, drawn by counting: each pixel is cut into 4 x 4
points, and its colour is one of 16 between ground and mark. Standard library only; the same run
gives the same bytes. Run it again when the mark changes: python3 Tools/icons.py
"""

import base64
import re
import struct
import zlib
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "Sources/Product/Web/Assets"
GROUND, MARK = (250, 249, 246), (10, 98, 110)
SHADES = 16
CUTS = 4


def outline(path: str) -> list[tuple[float, float]]:
    """The points of an SVG path of M, C, c, L, Z, curves cut into 24 lines."""
    words = re.findall(r"[MCcZz]|-?(?:\d+\.?\d*|\.\d+)", path)
    points, at, command = [], 0, ""
    x = y = 0.0
    while at < len(words):
        if words[at].isalpha():
            command = words[at]
            at += 1
        if command in "Zz":
            break
        count = 2 if command == "M" else 6
        numbers = [float(word) for word in words[at : at + count]]
        at += count
        if command == "M":
            x, y = numbers
            points.append((x, y))
            continue
        base = (x, y) if command == "c" else (0, 0)
        ends = [(numbers[i] + base[0], numbers[i + 1] + base[1]) for i in (0, 2, 4)]
        points += curve((x, y), *ends)
        x, y = ends[2]
    return points


def curve(start, first, second, end):
    for step in range(1, 25):
        t = step / 24
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        corners = (start, first, second, end)
        yield tuple(sum(w * c[axis] for w, c in zip(weights, corners)) for axis in (0, 1))


def draw(points: list[tuple[float, float]], size: int, share: float) -> bytes:
    """A square PNG on which the mark takes `share` of the width."""
    middle = 16
    fine = size * CUTS
    scale = fine * share / 31
    place = [((x - middle) * scale + fine / 2, (y - middle) * scale + fine / 2) for x, y in points]
    edges = list(zip(place, place[1:] + place[:1]))
    counts = [[0] * size for _ in range(size)]
    for row in range(fine):
        height = row + 0.5
        cuts = []
        for (x0, y0), (x1, y1) in edges:
            if (y0 <= height) != (y1 <= height):
                side = 1 if y1 > y0 else -1
                cuts.append((x0 + (height - y0) / (y1 - y0) * (x1 - x0), side))
        cuts.sort()
        winding, line = 0, counts[row // CUTS]
        for (left, side), (right, _) in zip(cuts, cuts[1:]):
            winding += side
            if winding:
                for x in range(max(0, round(left)), min(fine, round(right))):
                    line[x // CUTS] += 1
    return png(counts, size)


def png(counts: list[list[int]], size: int) -> bytes:
    """Four bits a pixel, with a palette from ground to mark."""
    full = CUTS * CUTS
    palette = bytes(
        round(ground + (mark - ground) * shade / (SHADES - 1))
        for shade in range(SHADES)
        for ground, mark in zip(GROUND, MARK)
    )
    rows = bytearray()
    for line in counts:
        shades = [count * (SHADES - 1) // full for count in line]
        rows.append(0)
        rows += bytes(a << 4 | b for a, b in zip(shades[::2], shades[1::2]))
    head = struct.pack(">IIBBBBB", size, size, 4, 3, 0, 0, 0)
    parts = [(b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def swift(name: str, note: str, content: bytes) -> str:
    text = base64.urlsafe_b64encode(content).decode().rstrip("=")
    lines = [text[i : i + 92] for i in range(0, len(text), 92)]
    body = "".join(f"    {line}\\\n" for line in lines[:-1]) + f"    {lines[-1]}\n"
    return f'\n/// {note}\nlet {name} = """\n{body}    """\n'


def main() -> None:
    source = (ASSETS / "Mark.swift").read_text(encoding="utf-8")
    joined = source.replace("\\\n", "").split("let markIcon", 1)[0]
    points = outline(re.search(r' d="([^"]+)"', re.sub(r"\s+", " ", joined)).group(1))
    text = "// The mark as PNG, in base64url. Written by Tools/icons.py, not by hand.\n"
    text += swift("iconSmall", "192 pixels.", draw(points, 192, 0.84))
    text += swift("iconLarge", "512 pixels.", draw(points, 512, 0.84))
    text += swift(
        "iconMaskable",
        "512 pixels; the mark keeps to the middle, so that any mask may cut the edges.",
        draw(points, 512, 0.58),
    )
    (ASSETS / "Icons.swift").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
