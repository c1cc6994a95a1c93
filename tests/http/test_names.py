"""`/api/v1/names/romanize`: proposals over HTTP."""

import httpx
import pytest


def test_a_proposal_has_what_was_agreed(client: httpx.Client) -> None:
    answer = client.get("/api/v1/names/romanize", params={"name": "双溪西路", "class": "street"}).raise_for_status()
    said = answer.json()
    assert (said["name"], said["class"], said["romanized"], said["plain"], said["sign"]) == (
        "双溪西路",
        "street",
        "Shuāngxī Xīlù",
        "Shuangxi Xilu",
        "SHUANGXI XILU",
    )
    assert [(part["text"], part["pinyin"], part["role"], part["rule"]) for part in said["parts"]] == [
        ("双溪", "Shuāngxī", "specific", "1984-04"),
        ("西", "Xī", "modifier", "1984-02"),
        ("路", "lù", "generic", "1984-01"),
    ]
    assert {rule["code"]: rule["article"] for rule in said["rules"]}["1984-02"] == "2"
    assert (said["doubtful"], said["doubts"], said["alternatives"]) == (False, [], [])


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "以当地审定的读音为准"), ("en", "audited for the place")])
def test_doubts_are_said_in_the_readers_language(client: httpx.Client, language: str, words: str) -> None:
    answer = client.get(
        "/api/v1/names/romanize",
        params={"name": "曹家堡", "class": "village"},
        headers={"Accept-Language": language},
    )
    said = answer.json()
    assert answer.headers["content-language"] == language
    assert said["doubtful"] is True
    assert words in said["doubts"][0]["message"]
    assert [other["romanized"] for other in said["alternatives"]] == ["Cáojiāpù", "Cáojiābǔ"]


def test_ordinals_are_spelt_when_asked(client: httpx.Client) -> None:
    asked = {"name": "东四十条", "class": "street", "figures": "false"}
    assert client.get("/api/v1/names/romanize", params=asked).json()["romanized"] == "Dōngsì Shítiáo"


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"name": "<b>金华</b>"}, 400, "name-not-romanised"),
        ({"name": "村" * 101}, 400, "query-malformed"),
        ({"name": "金华", "class": "town"}, 400, "query-malformed"),
        ({"name": "金华", "kind": "street"}, 400, "parameter-unknown"),
    ],
)
def test_what_cannot_be_is_refused(client: httpx.Client, params: dict[str, str], status: int, code: str) -> None:
    answer = client.get("/api/v1/names/romanize", params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
