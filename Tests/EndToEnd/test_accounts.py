"""Accounts from the shell, and what a kill does to one that is being erased."""

import json
import time

import pytest
from apus import Client, is_problem, shell


def words(done) -> list[str]:
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def forgets(server, name: str, password: str) -> bool:
    """Whether nobody signs in so."""
    answer = Client(server, name).post("/sessions", json={"name": name, "password": password})
    return answer.status_code == 401


@pytest.mark.parametrize("running", [True, False])
def test_accounts_from_the_shell(fresh, running):
    """list, reset, delete, operators: through the server, and on the folder when none runs"""
    first = fresh.account("robin")
    other = fresh.account("wren")
    other.saved("https://example.org/nest")
    if not running:
        fresh.stop()
    data = ("--data", fresh.folder)
    rows = words(shell("account", "list", *data))
    assert sorted(row.split("  ")[0] for row in rows) == ["robin", "wren"]
    assert any(row.startswith("robin  operator  0 bookmarks") for row in rows)
    assert any(row.startswith("wren  1 bookmark  since 20") for row in rows)
    assert words(shell("operator", "list", *data)) == ["robin"]
    assert words(shell("operator", "grant", "WREN", *data)) == ["WREN is an operator"]
    assert words(shell("operator", "list", *data)) == ["robin", "wren"]
    words(shell("operator", "revoke", "robin", *data))
    last = shell("operator", "revoke", "wren", *data)
    assert last.returncode == 0 and b"nobody is an operator now" in last.stderr
    words(shell("operator", "grant", "robin", *data))

    (password,) = words(shell("account", "reset", "wren", *data))
    assert len(password) == 19 and password.count("-") == 3
    typed = shell("account", "reset", "robin", "--stdin", *data, stdin=b"a better horse\nx")
    assert words(typed) == ["the password of robin is set"]
    for wrong in [
        ("account", "reset", "nobody"),
        ("operator", "grant", "nobody"),
        ("account", "delete", "nobody", "--yes"),
    ]:
        done = shell(*wrong, *data)
        assert done.returncode == 1 and b"nobody" in done.stderr
    short = shell("account", "reset", "robin", "--stdin", *data, stdin=b"short\n")
    assert short.returncode == 1 and b"too short" in short.stderr
    for unclear in ["account", "account reset", "account delete wren", "operator"]:
        assert shell(*unclear.split(), *data).returncode == 2

    if not running:
        fresh.start()
    assert other.get("/bookmarks").status_code == 401
    assert forgets(fresh, "wren", other.password)
    Client(fresh, "wren", password).sign_in()
    Client(fresh, "robin", "a better horse").sign_in()
    assert first.get("/bookmarks").status_code == 401
    if not running:
        fresh.stop()
    assert words(shell("account", "delete", "wren", "--yes", *data)) == ["wren is erased"]
    assert len(words(shell("account", "list", *data, "--json"))) == 1
    if not running:
        fresh.start()
    assert forgets(fresh, "wren", password)
    assert fresh.account("wren").bookmarks() == []


def test_erasing_goes_on_after_a_kill(fresh):
    """an account that was being erased when the process was killed is erased by the next start"""
    fresh.account("robin")
    user = fresh.account("wren")
    links = "".join(f'<DT><A HREF="https://example.org/{n}">{n}</A>\n' for n in range(20_000))
    user.bring_in(b"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n" + links.encode())
    begun = user.post("/accounts/current/erasure", json={"password": user.password})
    assert begun.status_code == 202
    fresh.kill()
    fresh.start()
    signing = Client(fresh, "wren").post(
        "/sessions", json={"name": "wren", "password": user.password}
    )
    # Either it goes on just now, or it is over already.
    assert signing.status_code in (401, 403)
    if signing.status_code == 403:
        is_problem(signing, 403, "account-erasing")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if len(words(shell("account", "list", "--data", fresh.folder))) == 1:
            break
        time.sleep(0.2)
    assert fresh.account("wren").bookmarks() == []


def test_signup_mode_at_the_start(fresh):
    """--signup rules over the page, and without it the page's decision is kept over a restart"""
    robin = fresh.account("robin")
    decided = robin.ask("PUT", "/operator/signup", json={"mode": "closed"})
    assert json.loads(decided.text) == {"mode": "closed", "fixed": False}
    fresh.stop()
    fresh.start()
    new = {"name": "wren", "password": robin.password}
    is_problem(Client(fresh).post("/accounts", json=new), 403, "sign-up-closed")
    fresh.stop()
    fresh.options = (*fresh.options, "--signup", "open")
    fresh.start()
    assert Client(fresh).post("/accounts", json=new).status_code == 201
    fixed = robin.ask("PUT", "/operator/signup", json={"mode": "closed"})
    is_problem(fixed, 409, "sign-up-mode-fixed")
