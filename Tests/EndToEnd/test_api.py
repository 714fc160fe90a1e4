"""The HTTP API, by what its specification says: accounts, bookmarks, problems, the document."""

import re
import uuid

import pytest
import requests
from apus import PASSWORD, Client, is_problem

# Accounts and sessions


def test_accounts(server):
    """sign up, sign in, sign out; a token dies with its session"""
    user = server.account()
    assert user.get("/bookmarks").status_code == 200
    # A second session is another token; ending one leaves the other.
    other = Client(server, user.name).sign_in()
    assert user.session.headers["Authorization"] != other.session.headers["Authorization"]
    answer = other.delete("/sessions/current")
    assert answer.status_code == 204, answer.text
    is_problem(other.get("/bookmarks"), 401)
    assert user.get("/bookmarks").status_code == 200


def test_accounts_refused(server):
    """names are taken once, passwords are checked, and both look alike when wrong"""
    user = server.account()
    stranger = Client(server)
    taken = stranger.post("/accounts", json={"name": user.name, "password": PASSWORD})
    is_problem(taken, 409)
    folded = stranger.post("/accounts", json={"name": user.name.upper(), "password": PASSWORD})
    is_problem(folded, 409)
    wrong = stranger.post("/sessions", json={"name": user.name, "password": "not " + PASSWORD})
    nobody = stranger.post("/sessions", json={"name": "nobody-" + user.name, "password": PASSWORD})
    assert is_problem(wrong, 401)["code"] == is_problem(nobody, 401)["code"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "a"},
        {"password": PASSWORD},
        {"name": "", "password": PASSWORD},
        {"name": "x" * 300, "password": PASSWORD},
        {"name": "spa ce", "password": PASSWORD},
        {"name": "sl/ash", "password": PASSWORD},
        {"name": "line\nbreak", "password": PASSWORD},
        {"name": 7, "password": PASSWORD},
        {"name": "shortpw", "password": "1"},
        {"name": "longpw", "password": "x" * 100_000},
        [],
        "text",
    ],
    ids=repr,
)
def test_accounts_need(server, body):
    """an account needs a decent name and password"""
    answer = Client(server).post("/accounts", json=body)
    assert answer.status_code in (400, 413, 422), answer.text
    is_problem(answer)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Bearer " + "A" * 43,
        "Bearer " + "é" * 20,
        "Basic dTpw",
        "bearer  x y",
    ],
    ids=repr,
)
def test_tokens_are_needed(server, header):
    """everything of a user needs a token, and a wrong one is a 401"""
    headers = {"Authorization": header.encode("utf-8")} if header is not None else {}
    for method, path in [
        ("GET", "/bookmarks"),
        ("POST", "/bookmarks"),
        ("GET", "/bookmarks/" + str(uuid.uuid4())),
        ("DELETE", "/bookmarks/" + str(uuid.uuid4())),
        ("POST", "/bookmarks/import"),
        ("GET", "/bookmarks/export?format=json"),
    ]:
        is_problem(Client(server).ask(method, path, headers=headers, json={}), 401)


# Bookmarks


def test_bookmark_is_saved_and_read(user):
    """BK-1 BK-3 a saved bookmark is there with all its fields, from any machine"""
    fields = {
        "title": "Swifts & <swallows>",
        "description": 'In two lines:\n"quoted" and 🐦',
        "notes": "mine",
        "tags": ["birds", "vögel", "c++"],
        "private": True,
        "unread": True,
        "favourite": True,
    }
    answer = user.add("https://example.org/birds?a=1#top", **fields)
    assert answer.status_code == 201
    saved = answer.json()
    assert answer.headers["Location"].endswith("/api/v1/bookmarks/" + saved["id"])
    assert saved["url"] == "https://example.org/birds?a=1#top"
    for name, value in fields.items():
        if name == "tags":
            assert sorted(saved["tags"]) == sorted(value)
        else:
            assert saved[name] == value, name
    elsewhere = Client(user.server, user.name).sign_in()
    assert elsewhere.get("/bookmarks/" + saved["id"]).json() == saved
    assert elsewhere.bookmarks() == [saved]


def test_bookmark_is_edited(user):
    """a PATCH changes what it names and nothing else"""
    saved = user.saved("https://example.org/a", title="old", notes="keep", tags=["x", "y"])
    changed = user.patch("/bookmarks/" + saved["id"], json={"title": "new", "tags": ["z"]})
    assert changed.status_code == 200, changed.text
    got = user.get("/bookmarks/" + saved["id"]).json()
    assert (got["title"], got["notes"], got["tags"]) == ("new", "keep", ["z"])
    assert got["id"] == saved["id"] and got["url"] == saved["url"]
    # To an address that another bookmark has: refused, and both stay.
    user.saved("https://example.org/b")
    is_problem(user.patch("/bookmarks/" + saved["id"], json={"url": "http://example.org/b/"}), 409)
    assert user.get("/bookmarks/" + saved["id"]).json() == got
    # To a new address: the old one is free again.
    moved = user.patch("/bookmarks/" + saved["id"], json={"url": "https://example.org/c"})
    assert moved.status_code == 200, moved.text
    assert user.add("https://example.org/a").status_code == 201
    assert user.add("https://example.org/c").status_code == 200


def test_bookmark_is_deleted(user):
    """a deleted bookmark is gone, can be saved again, and deleting twice is a 404"""
    saved = user.saved("https://example.org/gone", title="first")
    assert user.delete("/bookmarks/" + saved["id"]).status_code == 204
    is_problem(user.get("/bookmarks/" + saved["id"]), 404)
    is_problem(user.delete("/bookmarks/" + saved["id"]), 404)
    is_problem(user.patch("/bookmarks/" + saved["id"], json={"title": "x"}), 404)
    assert user.bookmarks() == []
    again = user.saved("https://example.org/gone", title="second")
    assert again["id"] != saved["id"] and again["title"] == "second"


@pytest.mark.parametrize("count, limit", [(0, 50), (1, 1), (7, 3), (120, 50), (120, 200)])
def test_pages(user, count, limit):
    """BK-2 all bookmarks, newest first, page by page, none twice and none left out"""
    made = [user.saved(f"https://example.org/{number}")["id"] for number in range(count)]
    assert [item["id"] for item in user.bookmarks(limit=limit)] == made[::-1]
    first = user.get("/bookmarks", params={"limit": limit}).json()
    assert len(first["items"]) == min(count, limit)
    assert (first.get("next") is None) == (count <= limit)


def test_pages_while_saving(user):
    """a page's cursor goes on where it was, whatever is saved meanwhile"""
    made = [user.saved(f"https://example.org/{number}")["id"] for number in range(6)][::-1]
    first = user.get("/bookmarks", params={"limit": 3}).json()
    user.saved("https://example.org/later")
    user.delete("/bookmarks/" + made[0])
    rest = user.get("/bookmarks", params={"limit": 100, "cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=x", "limit=100000", "cursor=%00", "cursor=AAAA"]
)
def test_pages_refused(user, query):
    """a limit out of range and a cursor that we did not make are refused"""
    is_problem(user.get("/bookmarks?" + query), 400)


def test_lists_are_filtered(user):
    """q finds words of title, notes and address; tag finds its bookmarks"""
    user.saved("https://example.org/one", title="A guide to swifts", tags=["birds"])
    user.saved("https://example.org/two", notes="nothing about swallows", tags=["birds", "old"])
    user.saved("https://example.com/three", title="Database of everything")

    def found(**query) -> list[str]:
        return sorted(item["url"][-3:] for item in user.bookmarks(**query))

    assert found(tag="birds") == ["one", "two"]
    assert found(tag="old") == ["two"]
    assert found(tag="none") == []
    assert found(q="SWIFTS") == ["one"]
    assert found(q="swallows") == ["two"]
    assert found(q="absent") == []


# Each line: addresses that are one bookmark.
SAME = [
    (
        "https://example.org/a",
        "http://example.org/a",
        "HTTPS://EXAMPLE.org/a/",
        "http://example.org:80/a",
    ),
    ("https://example.org", "https://example.org/", "http://Example.Org:80/"),
    ("https://example.org/p?b=1", "https://example.org/p?utm_source=x&b=1&utm_medium=y"),
    ("https://example.org/p", "https://example.org/p?fbclid=1&gclid=2&msclkid=3&igshid=4"),
    ("https://example.org/p?mc_cid=1&mc_eid=2", "https://example.org/p/"),
    ("https://example.org/p?mc=1&mc_eid=2", "https://example.org/p?mc=1"),
    ("https://bücher.example/x", "https://xn--bcher-kva.example/x", "https://BÜCHER.example/x"),
    ("ftp://example.org/f", "ftp://example.org:21/f/"),
    ("https://example.org/f#", "https://example.org/f"),
    ("https://example.org:443/s#part", "http://example.org/s#part"),
]
# Each line: addresses that are not.
DIFFERENT = [
    ("https://example.org/a", "https://example.org/A", "https://www.example.org/a"),
    ("https://example.org/p?a=1", "https://example.org/p?a=2", "https://example.org/p"),
    ("https://example.org/p#one", "https://example.org/p#two", "https://example.org/p"),
    ("https://example.org/", "https://example.org:8080/", "ftp://example.org/"),
    ("https://example.org/p?x=utm_source", "https://example.org/p?x=1"),
]


@pytest.mark.parametrize("addresses", SAME, ids=lambda row: row[0])
def test_duplicates_meet(user, addresses):
    """saving an address twice in any of its forms gives the first bookmark back"""
    first = user.saved(addresses[0], title="first")
    for address in addresses[1:]:
        again = user.add(address, title="second")
        assert again.status_code == 200, f"{address}: {again.text}"
        assert again.json()["id"] == first["id"]
    assert len(user.bookmarks()) == 1


@pytest.mark.parametrize("addresses", DIFFERENT, ids=lambda row: row[0])
def test_neighbours_do_not_meet(user, addresses):
    """addresses that differ in what counts are different bookmarks"""
    made = {user.saved(address)["id"] for address in addresses}
    assert len(made) == len(addresses) == len(user.bookmarks())


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "example",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "about:blank",
        "mailto:a@example.org",
        "http://",
        "http:///path",
        "https://exa mple.org/",
        "https://example.org:99999/",
        "https://example.org/\u0000",
        7,
        None,
        ["https://example.org"],
    ],
    ids=repr,
)
def test_addresses_refused(user, address):
    """what is no http, https or ftp address is refused with the reason, and nothing is saved"""
    answer = user.post("/bookmarks", json={"url": address})
    assert answer.status_code in (400, 422), answer.text
    is_problem(answer)
    assert user.bookmarks() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "x" * 100_000},
        {"title": 1},
        {"tags": "one"},
        {"tags": [1]},
        {"tags": ["x" * 10_000]},
        {"tags": [f"t{n}" for n in range(5_000)]},
        {"private": "yes"},
        {"notes": "x" * 2_000_000},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_fields_refused(user, fields):
    """fields of the wrong kind or size are refused, and nothing is saved"""
    answer = user.add("https://example.org/x", **fields)
    assert answer.status_code in (400, 413, 422), answer.text
    is_problem(answer)
    assert user.bookmarks() == []


# Idempotency


def test_idempotency_key(user):
    """the same key gives the same answer and does the work once"""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"url": "https://example.org/once", "title": "once"}
    first = user.post("/bookmarks", json=body, headers=key)
    again = user.post("/bookmarks", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert first.json() == again.json()
    assert len(user.bookmarks()) == 1
    other = {"Idempotency-Key": str(uuid.uuid4())}
    known = user.post("/bookmarks", json=body, headers=other)
    assert known.status_code == 200
    # Deleted since: a late repetition is answered as it was, and does not bring it back.
    assert user.delete("/bookmarks/" + first.json()["id"]).status_code == 204
    for headers, answer in [(key, first), (other, known)]:
        late = user.post("/bookmarks", json=body, headers=headers)
        assert (late.status_code, late.json()) == (answer.status_code, answer.json())
    assert user.bookmarks() == []


def test_idempotency_key_of_something_else(user):
    """a key that came with another body is refused; another user's key is another key"""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    assert user.post("/bookmarks", json={"url": "https://a.example"}, headers=key).ok
    other = user.post("/bookmarks", json={"url": "https://b.example"}, headers=key)
    assert other.status_code in (409, 422), other.text
    is_problem(other)
    stranger = user.server.account()
    answer = stranger.post("/bookmarks", json={"url": "https://b.example"}, headers=key)
    assert answer.status_code == 201, answer.text


# Users apart


def test_users_never_see_each_other(server):
    """BK-8 whatever one user asks, it never reaches another user's bookmarks"""
    one, two = server.account(), server.account()
    kept = one.saved("https://example.org/shared", title="one's", private=False)
    mine = two.saved("https://example.org/shared", title="two's")
    assert kept["id"] != mine["id"]
    path = "/bookmarks/" + kept["id"]
    is_problem(two.get(path), 404)
    is_problem(two.patch(path, json={"title": "taken"}), 404)
    is_problem(two.delete(path), 404)
    for number in range(5):
        one.saved(f"https://example.org/{number}")
    cursor = one.get("/bookmarks", params={"limit": 2}).json()["next"]
    foreign = two.get("/bookmarks", params={"limit": 2, "cursor": cursor})
    assert foreign.status_code == 400 or all(
        item["id"] == mine["id"] for item in foreign.json()["items"]
    )
    assert two.bookmarks() == [mine]
    assert b"one's" not in two.get("/bookmarks/export", params={"format": "json"}).content
    assert one.get(path).json() == kept


# Conditional requests, methods, the document


def test_conditional_requests(user):
    """an unchanged answer is a 304 without a body; a stale change is a 412"""
    saved = user.saved("https://example.org/etag", title="a")
    path = "/bookmarks/" + saved["id"]
    tag = user.get(path).headers["ETag"]
    same = user.get(path, headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    changed = user.patch(path, json={"title": "b"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert user.get(path, headers={"If-None-Match": tag}).status_code == 200
    is_problem(user.patch(path, json={"title": "c"}, headers={"If-Match": tag}), 412)
    assert user.get(path).json()["title"] == "b"


def test_methods(user):
    """a path that exists tells its methods, one that does not is a 404"""
    wrong = user.ask("PUT", "/bookmarks")
    is_problem(wrong, 405)
    assert {"GET", "POST"} <= set(re.split(r",\s*", wrong.headers["Allow"]))
    is_problem(user.get("/nothing"), 404)
    is_problem(user.get("/bookmarks/not-an-id"), 404)
    head = user.ask("HEAD", "/bookmarks")
    assert head.status_code == 200 and head.content == b""


def test_answers_carry_a_trace(server, user):
    """every answer has a trace id of its own"""
    names = ("Trace-Id", "X-Trace-Id", "X-Request-Id", "Traceparent")
    seen = set()
    for _ in range(3):
        headers = user.get("/bookmarks").headers
        seen.add(next(headers[name] for name in names if name in headers))
    assert len(seen) == 3


def test_health_and_metrics(server):
    """/health and /ready answer, /metrics speaks Prometheus"""
    assert requests.get(server.url + "/health").status_code == 200
    assert requests.get(server.url + "/ready").status_code == 200
    text = requests.get(server.url + "/metrics").text
    assert re.search(r"^# TYPE \w+ (counter|gauge|histogram)$", text, re.M)
    for line in text.splitlines():
        assert re.fullmatch(r"(#.*|[a-z_:][\w:]*(\{.*\})? [-+0-9.eEInfNa]+)?", line), line


SAMPLES = {
    ("post", "/bookmarks"): {"url": "https://example.org/sample"},
    ("post", "/bookmarks/import"): {},
}


def test_the_document(user):
    """the OpenAPI document is served and every path in it answers as it says"""
    answer = requests.get(user.server.url + "/api/v1/openapi.json")
    assert answer.headers["Content-Type"].startswith("application/json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    base = next(iter(document.get("servers", [{}]))).get("url", "")
    paths = {}
    for path, calls in document["paths"].items():
        paths[path if path.startswith("/api/") else base.rstrip("/") + path] = calls
    wanted = {
        "/api/v1/accounts": {"post"},
        "/api/v1/sessions": {"post"},
        "/api/v1/bookmarks": {"get", "post"},
        "/api/v1/bookmarks/{id}": {"get", "patch", "delete"},
        "/api/v1/bookmarks/import": {"post"},
        "/api/v1/bookmarks/export": {"get"},
        "/api/v1/jobs/{id}": {"get"},
    }
    for path, methods in wanted.items():
        assert methods <= paths[path].keys(), path
    for path, calls in paths.items():
        for method, call in calls.items():
            if method not in ("get", "post", "patch", "put", "delete"):
                continue
            if "sessions" in path and method == "delete":
                continue  # would end the session that we ask with
            got = user.ask(
                method.upper(),
                re.sub(r"\{\w+\}", "00000000-0000-7000-8000-000000000000", path),
                json={} if method in ("post", "patch", "put") else None,
            )
            told = set(call["responses"])
            assert str(got.status_code) in told or "default" in told, (method, path, got.text)
            assert got.status_code < 500, (method, path, got.text)


def test_references_of_the_document(server):
    """every reference in the document leads somewhere"""
    document = requests.get(server.url + "/api/v1/openapi.json").json()

    def references(value):
        if isinstance(value, dict):
            yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    for reference in references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_an_address_that_leads_nowhere(user):
    """a browser gets a page with a way back, a program a problem; 405 names what is taken"""
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    url = user.server.url
    for method, path, status in [("GET", "/nowhere", 404), ("DELETE", "/import", 405)]:
        page = requests.request(method, url + path, headers=browser, timeout=10)
        assert page.status_code == status
        assert page.headers["Content-Type"].startswith("text/html") and "<h1>" in page.text
        assert "Content-Security-Policy" in page.headers
        answer = requests.request(method, url + path, timeout=10)
        is_problem(answer, status)
        if status == 405:
            assert page.headers["Allow"] == answer.headers["Allow"]
