"""The normal form of an address, version 1, written a second time so that the counts of an
import can be checked by something other than Apus itself."""

import re
from html import unescape
from pathlib import Path

DROPPED = {"fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "igshid"}
PORTS = {"http": "80", "https": "443", "ftp": "21"}


def normal_form(address: str) -> str | None:
    """The form in which duplicates meet; None for schemes that are not saved."""
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$", address)
    if not match or match.group(1).lower() not in PORTS or not match.group(2):
        return None
    scheme, authority, path, query, fragment = match.groups(default="")
    scheme = scheme.lower()
    user, _, place = authority.rpartition("@")
    host, _, port = place.partition(":")
    host = host.lower()
    if not host.isascii():
        host = host.encode("idna").decode()
    if port and port != PORTS[scheme]:
        host += ":" + port
    kept = [
        pair
        for pair in query[1:].split("&")
        if pair and not pair.startswith("utm_") and pair.split("=")[0] not in DROPPED
    ]
    shown = "http" if scheme == "https" else scheme
    return (
        f"{shown}://{user + '@' if user else ''}{host}{path.rstrip('/')}"
        f"{'?' + '&'.join(kept) if kept else ''}{fragment if fragment != '#' else ''}"
    )


def anchors(file: Path) -> list[str]:
    """Addresses of the links of a Netscape bookmark file: lines that start with <DT><A."""
    text = file.read_text(encoding="utf-8", errors="replace")
    return [unescape(m) for m in re.findall(r'^\s*(?:<HR>\s*)?<DT><A HREF="([^"]*)"', text, re.M)]
