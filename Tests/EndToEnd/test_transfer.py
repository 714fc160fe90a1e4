"""Files in and out: imports, their jobs, exports, and the same from the shell."""

import json
import socket
import threading
import time
from pathlib import Path

import pytest
from addresses import anchors, normal_form
from apus import Client, is_problem, report_of, shell

FIXTURE = Path(__file__).parent / "data" / "bookmarks.html"
NUMBERS = ("added", "updated", "unchanged", "duplicates")


def numbers(report: dict) -> dict:
    return {name: report[name] for name in NUMBERS} | {"refused": len(report["refused"])}


def test_fixture_is_imported(user):
    """a small Netscape file: folders and TAGS become tags, times and texts are kept"""
    report = user.bring_in(FIXTURE.read_bytes())
    assert report["format"] == "netscape"
    assert numbers(report) == {
        "added": 4,
        "updated": 0,
        "unchanged": 0,
        "duplicates": 1,
        "refused": 3,
    }
    assert [(row["line"], row["url"]) for row in report["refused"]] == [
        (6, "place:type=6&sort=14"),
        (20, "file:///home/bird/nest.txt"),
        (22, "javascript:alert(1)"),
    ]
    assert all(row["reason"] for row in report["refused"])
    items = {item["title"]: item for item in user.bookmarks()}
    # Newest first by the file's own times.
    assert [item["title"] for item in user.bookmarks()][0] == "Vögel in München"
    guide = items["Swifts & swallows — a guide"]
    assert guide["url"] == "https://example.org/swift?a=1&b=2"
    assert guide["description"] == "How to tell them apart <at dusk>"
    assert guide["tags"] == ["Birds"] or guide["tags"] == ["birds"]
    apus = next(item for title, item in items.items() if title.startswith("Apus apus"))
    assert {tag.lower() for tag in apus["tags"]} >= {"birds", "high flyers", "migration", "europe"}
    assert items["Old lists"]["private"] is True


def test_real_exports(user, exports):
    """two real exports of one person: the counts, and a third time nothing changes"""
    first, second = exports
    sets = [{normal_form(url) for url in anchors(file)} - {None} for file in exports]
    assert [len(addresses) for addresses in sets] == [4889, 5240]
    report = user.bring_in(first.read_bytes())
    assert (report["added"], len(report["refused"])) == (4889, 7), numbers(report)
    assert sum(numbers(report).values()) == 4906
    assert {normal_form(item["url"]) for item in user.bookmarks()} == sets[0]

    report = user.bring_in(second.read_bytes())
    assert (report["added"], len(report["refused"])) == (709, 7), numbers(report)
    assert sum(numbers(report).values()) == 5256
    before = user.bookmarks()
    assert {normal_form(item["url"]) for item in before} == sets[0] | sets[1]

    report = user.bring_in(second.read_bytes())
    assert (report["added"], report["updated"], len(report["refused"])) == (0, 0, 7)
    assert user.bookmarks() == before


def test_own_changes_win(user):
    """a file never undoes what the user edited or deleted later"""
    content = FIXTURE.read_bytes()
    user.bring_in(content)
    items = {item["title"]: item for item in user.bookmarks()}
    guide = items["Swifts & swallows — a guide"]
    user.patch("/bookmarks/" + guide["id"], json={"title": "mine"})
    user.delete("/bookmarks/" + items["Old lists"]["id"])
    user.bring_in(content)
    titles = [item["title"] for item in user.bookmarks()]
    assert "mine" in titles and "Old lists" not in titles and len(titles) == 3


def test_jobs(user):
    """an import that is not waited for is a job, told as JSON and as events"""
    answer = user.post("/bookmarks/import", params={"wait": 0}, data=FIXTURE.read_bytes())
    assert answer.status_code in (200, 202), answer.text
    # So small a file may be done at once: its job is told all the same.
    place = answer.headers["Location" if answer.status_code == 202 else "Content-Location"]
    assert place.startswith("/api/v1/jobs/")
    seen = ""
    with user.get(place, headers={"Accept": "text/event-stream"}, stream=True) as events:
        assert events.headers["Content-Type"].startswith("text/event-stream")
        for line in events.iter_lines(decode_unicode=True):
            seen += line + "\n"
    last = [line[5:] for line in seen.splitlines() if line.startswith("data:")][-1]
    assert numbers(report_of(json.loads(last)))["added"] == 4
    assert numbers(report_of(user.get(place).json()))["added"] == 4
    is_problem(user.server.account().get(place), 404)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\1\2", b"just text", b"{", b"[1, 2", b"\xff\xfe<\0D\0L\0", b"<html><p>no list"],
    ids=repr,
)
def test_files_refused(user, content):
    """a file of no known form is refused or brings nothing; never half of something"""
    answer = user.post("/bookmarks/import", params={"wait": 30}, data=content)
    if answer.status_code == 200:
        assert report_of(answer.json())["added"] == 0
    else:
        assert answer.status_code in (400, 415, 422), answer.text
        is_problem(answer)
    assert user.bookmarks() == []


def test_import_while_reading_and_saving(user):
    """an import does not stand in the way of other requests of the same user"""
    rows = "".join(f'<DT><A HREF="https://e.example/{n}">t {n}</A>\n' for n in range(3000))
    content = ("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n" + rows + "</DL>\n").encode()
    reports = []
    thread = threading.Thread(target=lambda: reports.append(user.bring_in(content)))
    thread.start()
    other, saved, slowest = Client(user.server, user.name).sign_in(), 0, 0.0
    while thread.is_alive():
        began = time.monotonic()
        saved += other.add(f"https://mine.example/{saved}").status_code == 201
        slowest = max(slowest, time.monotonic() - began)
    thread.join()
    print(f"{saved} saved meanwhile, the slowest in {slowest:.3f} s")
    assert reports[0]["added"] == 3000
    assert len(user.bookmarks()) == 3000 + saved


def furnished(user: Client) -> Client:
    """The user, with bookmarks that strain a format."""
    user.bring_in(FIXTURE.read_bytes())
    user.saved(
        "https://example.org/odd?<&\"'>",
        title="<b>\"odd\" & 'so'</b>",
        description="a < b\nsecond line",
        tags=["c++", "two words"],
        private=True,
    )
    return user


def test_netscape_round_trip(user):
    """what is exported as a browser's file and imported elsewhere is the same"""
    furnished(user)
    answer = user.get("/bookmarks/export", params={"format": "netscape"})
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.text.startswith("<!DOCTYPE NETSCAPE-Bookmark-file-1>")
    other = user.server.account()
    report = other.bring_in(answer.content)
    assert report["added"] == 5 and not report["refused"], report
    kept = ("url", "title", "description", "private")

    def told(client: Client) -> list:
        return [
            [item.get(name) for name in kept] + sorted(item["tags"]) for item in client.bookmarks()
        ]

    assert told(other) == told(user)


def test_json_export_is_all(user):
    """the JSON export has every field of every bookmark"""
    furnished(user)
    answer = user.get("/bookmarks/export", params={"format": "json"})
    assert answer.headers["Content-Type"].startswith("application/json")
    assert "attachment" in answer.headers["Content-Disposition"]
    told = {item["id"]: item for item in answer.json()["bookmarks"]}
    there = user.bookmarks()
    assert len(told) == len(there) == 5
    for item in there:
        assert item.items() <= told[item["id"]].items()


def test_export_refused(user):
    """an export of an unknown form is refused"""
    is_problem(user.get("/bookmarks/export", params={"format": "docx"}), 400)


@pytest.mark.parametrize("running", [True, False], ids=["running", "not running"])
def test_shell(fresh, tmp_path, running):
    """import, export and doctor do the same from the shell, with the server running or not"""
    user = fresh.account()
    if not running:
        assert fresh.stop() == 0
    data = ("--data", fresh.folder)
    done = shell("import", *data, "--user", user.name, FIXTURE)
    assert done.returncode == 0, done.stderr
    assert b"4" in done.stdout and b"javascript:" in done.stdout + done.stderr
    done = shell("export", *data, "--user", user.name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"<!DOCTYPE NETSCAPE-Bookmark-file-1>")
    assert b"example.org/apus" in done.stdout
    done = shell("doctor", *data)
    assert done.returncode == 0, done.stdout + done.stderr

    wrong = shell("import", *data, "--user", "nobody", FIXTURE)
    assert wrong.returncode != 0 and b"nobody" in wrong.stderr
    wrong = shell("import", *data, "--user", user.name, tmp_path / "missing.html")
    assert wrong.returncode != 0 and b"missing.html" in wrong.stderr

    if not running:
        fresh.start()
    assert len(user.sign_in().bookmarks()) == 4


def test_doctor_finds_damage(fresh):
    """doctor says which file is damaged, and exits with an error"""
    user = fresh.account()
    for number in range(50):
        user.saved(f"https://example.org/{number}")
    assert fresh.stop() == 0
    largest = max((f for f in fresh.folder.rglob("*") if f.is_file()), key=_used)
    content = bytearray(largest.read_bytes())
    place = len(bytes(content).rstrip(b"\0")) // 2
    content[place] ^= 0x40
    largest.write_bytes(content)
    done = shell("doctor", "--data", fresh.folder)
    assert done.returncode not in (0, -11, -6), done.stdout + done.stderr
    assert largest.name.encode() in done.stdout + done.stderr


def _used(file: Path) -> int:
    return len(file.read_bytes().rstrip(b"\0"))


def test_an_export_cut_short_is_no_file(tmp_path):
    """a server that dies in the middle of an export leaves an error, not a shorter file"""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "folder").write_text("as a data folder has it")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "control.sock"))
        listening.listen()
        listening.settimeout(20)

        def serve() -> None:
            # The first connection only asks whether anybody is there.
            while True:
                peer, _ = listening.accept()
                with peer:
                    if b"/control/export" in peer.recv(4096):
                        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        peer.sendall(head + b"5\r\n<DL>\n\r\n")
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        target = tmp_path / "bookmarks.html"
        done = shell("export", "--user", "robin", "--data", folder, target)
        thread.join(20)
    assert done.returncode == 1
    assert b"before the end" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
