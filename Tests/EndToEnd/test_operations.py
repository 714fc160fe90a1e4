"""What an operator has: the doctor, /metrics, the sheet, and a log that keeps people's secrets."""

import json
import os
import re
import subprocess
import time

import pytest
import requests
from apus import BINARY, PASSWORD, is_problem, shell


def doctor(folder, *words) -> tuple[int, dict]:
    """What `apus doctor --json` says, by what was looked at."""
    done = shell("doctor", "--json", "--data", folder, *words)
    assert not done.stderr, done.stderr
    said = json.loads(done.stdout)
    assert said["well"] == (done.returncode == 0)
    found = {finding["what"]: finding for finding in said["findings"]}
    return done.returncode, found | {"figures": said["figures"]}


def test_doctor_is_well(fresh):
    """doctor finds all well while a server runs and when none does, in words and as JSON"""
    fresh.account().saved("https://example.org/")
    for running in (True, False):
        code, found = doctor(fresh.folder)
        assert code == 0, found
        for what in ("folder", "program", "rights", "clock", "space", "server", "shards"):
            assert found[what]["state"] == "ok", found[what]
        assert found["server"]["text"] == ("running" if running else "not running")
        assert ("log" in found) != running
        assert found["figures"]["freeBytes"] > 0 and found["figures"]["daysUntilFull"] is None
        assert "not known yet" in found["space"]["text"]
        words = shell("doctor", "--data", fresh.folder).stdout.decode()
        assert words.endswith("All is well.\n")
        if running:
            assert fresh.stop() == 0
    (fresh.folder / "growth").write_text("apus growth 1\ntime 1700000000000\nbytes a day 1\n")
    code, found = doctor(fresh.folder)
    assert code == 0 and "full in" in found["space"]["text"]


def test_doctor_finds_faults(fresh):
    """doctor names rights that are too wide, a clock that lags, a disk that is full soon"""
    fresh.account()
    fresh.stop()
    os.chmod(fresh.folder, 0o755)
    code, found = doctor(fresh.folder)
    assert code == 1 and "chmod 700" in found["rights"]["advice"]
    os.chmod(fresh.folder, 0o700)
    soon = int((time.time() + 86_400) * 1000)
    (fresh.folder / "growth").write_text(
        f"apus growth 1\ntime {soon}\nbytes a day {10**15}\n"
    )
    code, found = doctor(fresh.folder)
    assert code == 1
    assert found["clock"]["state"] == "wrong" and "Set the clock" in found["clock"]["advice"]
    assert found["space"]["state"] == "wrong" and "full in 0 days" in found["space"]["text"]
    (fresh.folder / "growth").write_text("nonsense")
    assert doctor(fresh.folder)[0] == 0
    code, found = doctor(fresh.folder / "log")
    assert code == 1 and "--data" in found["folder"]["advice"]


@pytest.mark.parametrize("how", ["removed", "emptied"])
def test_lost_beginning(fresh, how):
    """the oldest segments of the log, removed or emptied, are told by doctor and by the start"""
    user = fresh.account()
    user.saved("https://example.org/1")
    fresh.kill()
    fresh.start()
    user.saved("https://example.org/2")
    fresh.kill()
    segments = sorted((fresh.folder / "log").glob("*.log"))
    assert len(segments) >= 2
    if how == "removed":
        segments[0].unlink()
    else:
        os.truncate(segments[0], 0)
    code, found = doctor(fresh.folder)
    assert code == 1 and found["log"]["state"] == "wrong", found
    assert "oldest files" in found["log"]["text"]
    done = shell("serve", "--data", fresh.folder, "--listen", "127.0.0.1:0")
    assert done.returncode == 1 and b"oldest files" in done.stderr


def test_a_folder_of_before(fresh):
    """a folder whose log has no mark of its beginning opens, and has one from then on"""
    user = fresh.account()
    user.saved("https://example.org/")
    fresh.stop()
    mark = fresh.folder / "log" / "FIRST"
    mark.unlink()
    fresh.start()
    assert len(user.bookmarks()) == 1
    assert mark.stat().st_size == 536


def test_metrics_are_whole(fresh):
    """/metrics counts requests by route and status, bytes, connections, queues, stores, process"""
    user = fresh.account()
    user.saved("https://example.org/")
    for _ in range(3):
        user.bookmarks()
    assert user.get("/bookmarks/none").status_code == 404
    # Figures of the shards are left four times a second.
    time.sleep(0.6)
    text = requests.get(fresh.url + "/metrics").text
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[:1] not in ("", "#"))
    route = 'method="GET",route="/api/v1/bookmarks"'
    assert float(samples[f'apus_http_requests_total{{{route},status="2xx"}}']) == 3
    assert float(samples[f"apus_http_request_seconds_count{{{route}}}"]) == 3
    missing = 'method="GET",route="/api/v1/bookmarks/:id",status="4xx"'
    assert float(samples[f"apus_http_requests_total{{{missing}}}"]) == 1
    for name in (
        'apus_http_bytes_total{direction="received"}',
        'apus_http_bytes_total{direction="sent"}',
        "apus_http_connections",
        "apus_process_resident_bytes",
        "apus_process_open_descriptors",
        "apus_process_cpu_seconds_total",
        'apus_disk_bytes{state="free"}',
        "apus_database_durable_sequence",
        "apus_database_takes_writes",
        'apus_build_info{version="0.1"}',
    ):
        assert float(samples[name]) > 0, name
    for name in ("apus_jobs_running", 'apus_queue_length{queue="disk"}'):
        assert float(samples[name]) >= 0, name
    tables = [float(samples[f'apus_store_memtable_bytes{{shard="{n}"}}']) for n in range(8)]
    assert sum(tables) > 0


def test_sheet_of_a_running_server(fresh):
    """FW-1 BK-5 the sheet has the requests of this server, and says what is not known yet"""
    first, other = fresh.account(), fresh.account()
    first.saved("https://example.org/")
    for _ in range(30):
        first.bookmarks()
    time.sleep(1.1)
    sheet = first.get("/operator/sheet").json()
    assert [row["row"] for row in sheet["requirements"] if row["minimum"]][:2] == ["BK-1", "BK-2"]
    scale = sheet["scale"]
    assert scale["readsPerSecond"] >= 0.5 and scale["busiestSecondOfDay"] >= 10
    assert scale["accounts"] == 2 and scale["bookmarks"] == 1
    assert scale["daysUntilFull"] is None
    assert scale["diskBytes"] > scale["freeBytes"] > 0 and scale["dataBytes"] > 0
    is_problem(other.get("/operator/sheet"), 403, "operators-only")
    fresh.stop()
    fresh.start()
    # The last sample of the process before is there, with its requests.
    machine = first.get("/operator/machine").json()
    assert machine["accounts"] == 2 and machine["bookmarks"] == 1
    assert sum(day["reads"] for day in machine["days"]) >= 30


def test_log_lines_hold_no_secrets(fresh):
    """what people keep, their passwords and tokens never stand in the log"""
    user = fresh.account("robin")
    user.saved("https://secret.example.org/path?token=abc", title="A private title")
    user.post("/sessions", json={"name": "robin", "password": "wrong password"})
    user.get("/bookmarks", params={"q": "private words"})
    user.bring_in(b'<DL><DT><A HREF="https://secret.example.org/imported">Mine</A></DL>')
    fresh.stop()
    fresh.options = ("--log-level", "debug")
    fresh.start()
    user.saved("https://secret.example.org/more", title="Another private title")
    lines = user.get("/operator/log", params={"level": "debug"}).json()["items"]
    assert lines
    fresh.stop()
    log = fresh.log.read_text() + json.dumps(lines)
    token = user.session.headers["Authorization"].split()[1]
    for word in ("secret.example", "private", "wrong password", PASSWORD, token, "Mine"):
        assert word not in log, word


def test_an_option_without_a_folder(tmp_path):
    """doctor on a folder that is none says so and makes nothing"""
    code, found = doctor(tmp_path / "none")
    assert code == 1 and "no data folder" in found["folder"]["text"]
    done = subprocess.run([BINARY, "doctor", "--data", tmp_path / "none"], capture_output=True)
    assert re.search(rb"^WRONG  folder: .*\n +Name the right one", done.stdout, re.M), done
    assert list(tmp_path.iterdir()) == []
