"""The operator's page over HTTP: who gets in, and what is never let out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp
import pytest

from inference import passes
from inference.api.operator.words import FOLDER, LANGUAGES
from inference.types import Generate, Identity, Place, Requester, WorkerSeen, WorkerState
from inference.wire import LINK_LIVES, LINK_PURPOSE
from tests.support.api import Served, serve
from tests.support.studio import open_studio

EVIL = '<script>alert(1)</script>"&'
COOKIE = "threadreel_operator"
ANN = Requester(identity=Identity("discord:1"), display_name=EVIL, place=Place(platform="discord", workspace="7"))


class Browser:
    """Keeps the cookie, follows nothing."""

    def __init__(self, session: aiohttp.ClientSession, served: Served) -> None:
        self.session, self.served, self.cookie = session, served, ""

    async def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **form: str
    ) -> tuple[int, str, aiohttp.ClientResponse]:
        sent = {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        url = f"{self.served.url}{path}"
        asking = self.session.request(
            method, url, headers=sent | (headers or {}), allow_redirects=False, data=form or None
        )
        async with asking as answer:
            if COOKIE in answer.cookies:
                self.cookie = answer.cookies[COOKIE].value
            return answer.status, await answer.text(), answer

    async def login(self, key: str, **headers: str) -> int:
        return (await self.ask("POST", "/operator/login", headers, key=key))[0]


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    seen = [WorkerSeen(name=f"w{EVIL}", state=WorkerState.READY, device=EVIL)]
    async with (
        open_studio(tmp_path, workers=lambda: seen) as studio,
        serve(studio) as served,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        yield Browser(session, served)


async def test_without_the_key_there_is_a_form_and_nothing_else(browser: Browser) -> None:
    status, page, answer = await browser.ask("GET", "/operator")
    assert status == 401
    assert 'type="password"' in page
    assert "Workers" not in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await browser.ask("GET", "/operator/board"))[:2] == (401, "")


@pytest.mark.parametrize("key", ["", "wrong", "tr-operator-", "é" * 50])
async def test_a_wrong_key_is_refused(browser: Browser, key: str) -> None:
    assert await browser.login(key) == 403
    assert not browser.cookie
    assert await browser.login(browser.served.keys.bot) == 403


async def test_the_key_becomes_a_cookie_that_no_script_reads(browser: Browser) -> None:
    status, _, answer = await browser.ask("POST", "/operator/login?lang=ja", key=f" {browser.served.keys.operator}\n")
    assert (status, answer.headers["Location"]) == (303, "/operator?lang=ja")
    (cookie,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (
        True,
        "Strict",
        "/operator",
        "",
    )
    assert browser.served.keys.operator not in answer.headers["Set-Cookie"]
    status, page, _ = await browser.ask("GET", "/operator?lang=ja")
    assert status == 200
    assert "ワーカー" in page
    assert browser.served.keys.operator not in page
    _, _, secure = await browser.ask(
        "POST", "/operator/login", {"X-Forwarded-Proto": "https"}, key=browser.served.keys.operator
    )
    assert SimpleCookie(secure.headers["Set-Cookie"])[COOKIE]["secure"]


async def test_the_cookie_opens_the_page_and_no_route_of_the_api(browser: Browser) -> None:
    await browser.login(browser.served.keys.operator)
    assert (await browser.ask("GET", "/operator/board"))[0] == 200
    for path in ("/v1/videos", "/v1/threadreel/overview", "/v1/threadreel/usage"):
        assert (await browser.ask("GET", path))[0] == 401


async def test_a_changed_or_foreign_cookie_opens_nothing(browser: Browser) -> None:
    await browser.login(browser.served.keys.operator)
    good = browser.cookie
    expires, id_, signature = good.split(".")
    for cookie in (
        f"{int(expires) + 1}.{id_}.{signature}",
        f"{expires}.{id_}x.{signature}",
        f"{expires}.{id_}.{signature[:-1]}0" if signature[-1] != "0" else f"{expires}.{id_}.{signature[:-1]}1",
        passes.give(browser.served.keys.bot, "operator session", timedelta(hours=1)),
        passes.give(browser.served.keys.operator, LINK_PURPOSE, timedelta(hours=1)),
        passes.give(browser.served.keys.operator, "operator session", timedelta(seconds=-1)),
        "..",
        "x",
        "9" * 400,
    ):
        browser.cookie = cookie
        assert (await browser.ask("GET", "/operator/board"))[0] == 401
    browser.cookie = good
    assert (await browser.ask("GET", "/operator/board"))[0] == 200


async def test_who_leaves_takes_every_copy_of_the_cookie_back(browser: Browser) -> None:
    await browser.login(browser.served.keys.operator)
    copy = browser.cookie
    status, _, answer = await browser.ask("POST", "/operator/logout", {})
    assert status == 303
    assert answer.cookies[COOKIE].value == ""
    browser.cookie = copy
    assert (await browser.ask("GET", "/operator/board"))[0] == 401


async def test_a_link_lets_in_once(browser: Browser) -> None:
    link = passes.give(browser.served.keys.operator, LINK_PURPOSE, timedelta(minutes=5))
    status, _, answer = await browser.ask("GET", f"/operator/enter?pass={link}")
    assert (status, answer.headers["Location"]) == (303, "/operator?lang=en")
    assert (await browser.ask("GET", "/operator/board"))[0] == 200
    browser.cookie = ""
    for bad in (link, "", "x", passes.give(browser.served.keys.operator, LINK_PURPOSE, timedelta(seconds=-1))):
        assert (await browser.ask("GET", f"/operator/enter?pass={bad}"))[0] == 303
        assert not browser.cookie


async def test_a_restart_lets_no_earlier_cookie_or_link_in(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        async with serve(studio) as served:
            first = Browser(session, served)
            key = served.keys.operator
            assert await first.login(key) == 303
            assert (await first.ask("GET", "/operator/board"))[0] == 200
            early = passes.give(key, LINK_PURPOSE, LINK_LIVES - timedelta(seconds=2))  # given two seconds ago
        async with serve(studio) as served:
            second = Browser(session, served)
            assert served.keys.operator == key
            second.cookie = first.cookie
            assert (await second.ask("GET", "/operator/board"))[0] == 401
            second.cookie = ""
            await second.ask("GET", f"/operator/enter?pass={early}")
            assert not second.cookie
            await second.ask("GET", f"/operator/enter?pass={passes.give(key, LINK_PURPOSE, LINK_LIVES)}")
            assert (await second.ask("GET", "/operator/board"))[0] == 200


async def test_other_pages_send_nothing_here(browser: Browser) -> None:
    key = browser.served.keys.operator
    assert await browser.login(key, Origin="https://evil.example") == 403
    assert await browser.login(key, Origin="http://127.0.0.1:1") == 403
    assert await browser.login(key, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert not browser.cookie
    assert (await browser.ask("GET", "/operator", {"Host": "evil.example"}))[0] == 403
    assert await browser.login(key, Origin=browser.served.url, **{"Sec-Fetch-Site": "same-origin"}) == 303


async def test_what_members_and_workers_say_is_escaped_and_prompts_are_not_shown(browser: Browser) -> None:
    studio = browser.served.studio
    await studio.face.submit(Generate(prompt="a secret ball"), ANN)
    await studio.claim()
    bob = replace(ANN, identity=Identity("discord:2"))
    await studio.face.submit(Generate(prompt="a secret kite"), bob)
    await browser.login(browser.served.keys.operator)
    _, page, _ = await browser.ask("GET", "/operator")
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;") >= 4
    assert "secret" not in page


@pytest.mark.parametrize("name", ["operator.css", "operator.js", "mark.svg"])
async def test_its_files_are_its_own_and_need_no_key(browser: Browser, name: str) -> None:
    status, text, answer = await browser.ask("GET", f"/operator/static/{name}")
    assert status == 200
    assert "//" not in text.replace("http://www.w3.org/2000/svg", "").replace("// ", "")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for other in ("../routes.py", "..%2Froutes.py", "routes.py"):
        assert (await browser.ask("GET", f"/operator/static/{other}"))[0] in {401, 404}


async def test_metrics_count_failures_by_code(browser: Browser) -> None:
    studio = browser.served.studio
    await studio.face.submit(Generate(prompt="a ball"), ANN)
    await studio.fail(await studio.claim())
    text = ""
    while "threadreel_failures_total{" not in text:  # its follower hears of it in a moment
        _, text, _ = await browser.ask("GET", "/metrics")
    assert 'threadreel_failures_total{code="render_failed",preset="pocket"} 1.0' in text
    assert 'threadreel_wait_seconds_count{tier="free"} 1.0' in text


@pytest.mark.parametrize(("language", "said"), [("en", "1 clip by 1 member;"), ("ja", "1人で1本、")])
async def test_one_is_said_as_one(browser: Browser, language: str, said: str) -> None:
    studio = browser.served.studio
    await studio.make(Generate(prompt="a ball"), ANN)
    await browser.login(browser.served.keys.operator)
    _, page, _ = await browser.ask("GET", f"/operator?lang={language}")
    assert said in page
    assert "1 clips" not in page


def test_both_languages_say_the_same() -> None:
    texts = [json.loads((FOLDER / f"{language}.json").read_text()) for language in LANGUAGES]
    assert texts[0].keys() == texts[1].keys()
    for key in texts[0]:
        fields = [{part.partition("}")[0] for part in text[key].split("{")[1:]} for text in texts]
        assert fields[0] == fields[1], key
