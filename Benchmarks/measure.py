"""What the benchmarks share: rounds, CPU time, peers that are started and stopped by pid."""

import os
import pwd
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Not /tmp: it may lie in memory, where fsync costs nothing.
DISK = "/var/tmp"


@dataclass
class Row:
    """One measure. `ratio` above 1 is in our favour; min and max are those of its rounds, or of
    our own figure where there is no peer."""

    bench: str
    measure: str
    ours: float
    peer: float | None
    peer_name: str | None
    ratio: float | None
    min: float
    max: float
    unit: str


def alone(bench: str, measure: str, values: list[float], unit: str) -> Row:
    """A measure without a peer."""
    middle = statistics.median(values)
    return Row(bench, measure, middle, None, None, None, min(values), max(values), unit)


def beside(
    bench: str,
    measure: str,
    pairs: list[tuple[float, float]],
    peer_name: str,
    unit: str,
    less_is_better: bool = False,
) -> Row:
    """A measure of several rounds, each (ours, peer)."""
    ratios = [peer / ours if less_is_better else ours / peer for ours, peer in pairs]
    return Row(
        bench,
        measure,
        statistics.median(ours for ours, _ in pairs),
        statistics.median(peer for _, peer in pairs),
        peer_name,
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        unit,
    )


def interleaved(
    rounds: int, ours: Callable[[], float], peer: Callable[[], float]
) -> list[tuple[float, float]]:
    """Rounds of both in turns, so that a slow moment of the machine meets both."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            other, mine = peer(), ours()
        else:
            mine, other = ours(), peer()
        pairs.append((mine, other))
    return pairs


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder on a real disk, open to other users (PostgreSQL runs as its own)."""
    with tempfile.TemporaryDirectory(prefix="apus-bench-", dir=DISK) as name:
        os.chmod(name, 0o755)
        yield Path(name)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, threads that ended included, and of its children that live."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    total = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        total += cpu_seconds(int(child))
    return total


def memory_kb(pid: int, field: str) -> int:
    """`VmRSS` (now) or `VmHWM` (at most so far) of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status).group(1))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} does not listen on {port}")


@contextmanager
def running(command: list[str], port: int, stop: int = signal.SIGTERM) -> Iterator[int]:
    """A peer, from when it listens; yields its pid."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port, process)
        yield process.pid
    finally:
        process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def nginx(place: Path, location: str) -> Iterator[tuple[str, int]]:
    """nginx with one worker and one location; yields its address and pid."""
    port = free_port()
    place.mkdir(exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    (place / "nginx.conf").write_text(
        f"""{user}
daemon off;
worker_processes 1;
pid {place}/pid;
error_log {place}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    server_tokens off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=100;
    server {{
        listen 127.0.0.1:{port};
        {location}
    }}
}}
"""
    )
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    with running([program, "-p", str(place), "-c", "nginx.conf"], port, signal.SIGQUIT) as pid:
        yield f"http://127.0.0.1:{port}", pid


def same_headers(headers: dict[str, str]) -> str:
    """add_header lines that make nginx answer with the headers that we answer with."""
    own = {"date", "server", "connection", "content-type", "content-length", "keep-alive"}
    own |= {"etag", "last-modified", "transfer-encoding"}
    return "\n".join(
        f'add_header {name} "{value}";'
        for name, value in headers.items()
        if name.lower() not in own and '"' not in value and "$" not in value
    )


@dataclass
class Load:
    """What wrk saw."""

    requests: int
    seconds: float
    bytes_each: float


def wrk(
    url: str, seconds: float, script: Path | None = None, headers: tuple[str, ...] = ()
) -> Load:
    """wrk -t1 -c64; fails when an answer was no success."""
    command = ["wrk", "-t1", "-c64", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    for header in headers:
        command += ["-H", header]
    command += ["-s", str(script)] if script else []
    done = subprocess.run([*command, url], capture_output=True, text=True, check=True)
    total = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m), ([\d.]+)(K|M|G)?B read", done.stdout)
    wrong = re.search(r"Non-2xx.*|Socket errors.*", done.stdout)
    if wrong or not total:
        raise RuntimeError(f"wrk on {url}: {wrong.group(0) if wrong else done.stdout}")
    count = int(total.group(1))
    took = float(total.group(2)) * {"ms": 0.001, "s": 1, "m": 60}[total.group(3)]
    read = (
        float(total.group(4)) * {None: 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[total.group(5)]
    )
    return Load(count, took, read / max(1, count))


def per_cpu_second(url: str, pid: int, seconds: float, headers: tuple[str, ...] = ()) -> float:
    """Requests that a server answers with one second of CPU time."""
    before = cpu_seconds(pid)
    load = wrk(url, seconds, headers=headers)
    return load.requests / (cpu_seconds(pid) - before)


@contextmanager
def postgres(place: Path) -> Iterator[list[str]]:
    """An own PostgreSQL cluster in `place` with fsync on; yields what pgbench needs to
    reach it; the last word is the database."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    programs = found[-1]
    place.mkdir()
    become: list[str] = []
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(place, account.pw_uid, account.pw_gid)
        become = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    data, port = place / "data", free_port()
    subprocess.run(
        [
            *become,
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "bench",
            "-A",
            "trust",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        cwd=place,
    )
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": place,
        "fsync": "on",
        "synchronous_commit": "on",
        "max_connections": 100,
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [*become, str(programs / "postgres"), "-D", str(data), *options]
    with running(command, port, signal.SIGINT):
        yield ["-h", "127.0.0.1", "-p", str(port), "-U", "bench", "postgres"]


def version(*command: str) -> str:
    """The first number with a dot that a program says of itself."""
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)
    return found.group(0) if found else "?"
