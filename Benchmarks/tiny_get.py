"""A tiny GET over keep-alive, one loop, 64 connections: the price of a request itself.

Peer: nginx with one worker and `return 200`, the same body and headers. The figure is requests
a second of the server's CPU time, which the load generator on the same machine does not bend.
"""

import requests
from apus import Server
from measure import beside, folder, interleaved, nginx, per_cpu_second, same_headers, version, wrk

ABOUT = "tiny GET over keep-alive, one loop, beside nginx `return 200`"


def run(quick: bool):
    seconds, rounds = (1, 1) if quick else (5, 5)
    with folder() as place, Server(place / "data", "--loops", "1") as server:
        url = server.url + "/health"
        sample = requests.get(url, headers={"Accept-Encoding": "identity"})
        body = sample.text.replace("\\", "\\\\").replace("'", "\\'")
        location = f"""location = /health {{
            default_type '{sample.headers["Content-Type"]}';
            {same_headers(dict(sample.headers))}
            return 200 '{body}';
        }}"""
        with nginx(place / "nginx", location) as (other, pid):
            assert requests.get(other + "/health").content == sample.content
            ours, theirs = wrk(url, 1), wrk(other + "/health", 1)  # also warms both up
            close = abs(ours.bytes_each - theirs.bytes_each) / theirs.bytes_each
            assert close < 0.15, f"answers of {ours.bytes_each} and {theirs.bytes_each} bytes"
            pairs = interleaved(
                rounds,
                lambda: per_cpu_second(url, server.pid, seconds),
                lambda: per_cpu_second(other + "/health", pid, seconds),
            )
    name = "nginx " + version("/usr/sbin/nginx", "-v")
    yield beside("tiny_get", "requests per CPU second", pairs, name, "1/s")
