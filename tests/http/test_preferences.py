"""Language, colours and 长辈版: chosen by the address, remembered by cookies."""

import httpx
import pytest


@pytest.fixture
def reader(client: httpx.Client) -> httpx.Client:
    """Who keeps cookies."""
    client.cookies.clear()
    return client


def test_the_browsers_language_is_taken(reader: httpx.Client) -> None:
    assert '<html lang="en"' in reader.get("/design", headers={"Accept-Language": "en-GB,zh;q=0.5"}).text
    assert '<html lang="zh-CN"' in reader.get("/design", headers={"Accept-Language": "zh-TW"}).text


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ("lang=en", 'lang="en"'),
        ("lang=zh", 'lang="zh-CN"'),
        ("theme=dark", 'data-theme="dark"'),
        ("view=elder", 'data-view="elder"'),
    ],
)
def test_what_was_chosen_is_remembered(reader: httpx.Client, chosen: str, shown: str) -> None:
    answer = reader.get(f"/design?{chosen}", headers={"Accept-Language": "en" if "zh" in chosen else "zh"})
    assert shown in answer.text
    (cookie,) = answer.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert shown in reader.get("/").text


def test_large_type_is_for_pages_that_have_its_switch(reader: httpx.Client) -> None:
    reader.get("/design?view=elder")
    public, work = reader.get("/").text, reader.get("/plan").text
    assert 'data-view="elder"' in public
    assert 'id="view"' in public
    assert 'data-view="standard"' in work
    assert 'id="view"' not in work


def test_nothing_is_remembered_that_was_not_chosen(reader: httpx.Client) -> None:
    assert "set-cookie" not in reader.get("/design").headers


@pytest.mark.parametrize("chosen", ["lang=fr", "theme=<b>", "view=", "lang=en%0d%0aX: 1"])
def test_what_is_unknown_is_left_alone(reader: httpx.Client, chosen: str) -> None:
    answer = reader.get(f"/design?{chosen}", headers={"Accept-Language": "zh"})
    assert answer.status_code == 200
    assert '<html lang="zh-CN" data-theme="auto" data-view="standard">' in answer.text


def test_a_switch_keeps_the_rest_of_the_address(reader: httpx.Client) -> None:
    page = reader.get('/design?zone=3307&x="><script>').text
    assert "?zone=3307&amp;x=%22%3E%3Cscript%3E&amp;theme=dark" in page
    assert "<script>" not in page.replace('<script type="module"', "")


def test_a_page_is_kept_by_nobody_else(reader: httpx.Client) -> None:
    answer = reader.get("/")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.headers["Vary"]
