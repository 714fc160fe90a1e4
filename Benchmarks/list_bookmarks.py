"""The newest 50 bookmarks of a user with 5,000, as JSON.

Peer: nginx sending the same response as a static file from its page cache, one worker: a bound
that no server which has to look anything up reaches.
"""

from apus import Server
from measure import beside, folder, interleaved, nginx, per_cpu_second, same_headers, version, wrk

ABOUT = "50 of a user's 5,000 bookmarks as JSON, beside nginx sending a file"


def run(quick: bool):
    seconds, rounds, count = (1, 1, 200) if quick else (5, 5, 5_000)
    with folder() as place, Server(place / "data", "--loops", "1") as server:
        user = server.account()
        rows = "".join(
            f'<DT><A HREF="https://example.org/articles/{n}/a-title-of-usual-length" '
            f'ADD_DATE="{1_400_000_000 + n}" TAGS="birds,reading">A title of usual length, {n}'
            f"</A>\n<DD>A sentence or two about what is to be found there, number {n}.\n"
            for n in range(count)
        )
        user.bring_in(f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{rows}</DL>\n".encode())
        url = server.url + "/api/v1/bookmarks?limit=50"
        token = "Authorization: " + user.session.headers["Authorization"]
        sample = user.get("/bookmarks?limit=50", headers={"Accept-Encoding": "identity"})
        assert len(sample.json()["items"]) == 50
        (place / "list.json").write_bytes(sample.content)
        location = f"""location = /list.json {{
            root {place};
            types {{ }}
            default_type '{sample.headers["Content-Type"]}';
            {same_headers(dict(sample.headers))}
        }}"""
        with nginx(place / "nginx", location) as (other, pid):
            ours = wrk(url, 1, headers=(token,))
            theirs = wrk(other + "/list.json", 1, headers=(token,))
            close = abs(ours.bytes_each - theirs.bytes_each) / theirs.bytes_each
            assert close < 0.05, f"answers of {ours.bytes_each} and {theirs.bytes_each} bytes"
            pairs = interleaved(
                rounds,
                lambda: per_cpu_second(url, server.pid, seconds, (token,)),
                lambda: per_cpu_second(other + "/list.json", pid, seconds, (token,)),
            )
    name = "nginx " + version("/usr/sbin/nginx", "-v") + " file"
    yield beside("list_bookmarks", "requests per CPU second", pairs, name, "1/s")
