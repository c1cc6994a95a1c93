"""`geo-registry names romanize`: as a person reads it and as a program does."""

import pytest

from tests.cli.conftest import Registry


def test_json_has_what_was_agreed(registry: Registry) -> None:
    done = registry("names", "romanize", "双溪西路", "--class", "street", "--json")
    assert done.code == 0
    assert (done.json["name"], done.json["romanized"], done.json["sign"]) == (
        "双溪西路",
        "Shuāngxī Xīlù",
        "SHUANGXI XILU",
    )
    parts = [(part["text"], part["pinyin"], part["role"], part["rule"]) for part in done.json["parts"]]
    assert parts == [
        ("双溪", "Shuāngxī", "specific", "1984-04"),
        ("西", "Xī", "modifier", "1984-02"),
        ("路", "lù", "generic", "1984-01"),
    ]


def test_people_read_the_rules_in_their_language(registry: Registry) -> None:
    chinese = registry("names", "romanize", "曹家堡", "--class", "village", GEO_LOCALE="zh-CN").stdout
    assert "曹家堡: Cáojiābǎo\n" in chinese
    assert "或作: Cáojiāpù · " in chinese
    assert "第8条" in chinese
    english = registry("names", "romanize", "曹家堡", "--class", "village", GEO_LOCALE="en").stdout
    assert "on signs: CAOJIABAO\n" in english
    assert "doubtful: " in english
    assert "article 8" in english


def test_ordinals_are_spelt_when_asked(registry: Registry) -> None:
    asked = ("names", "romanize", "东四十条", "--class", "street", "--json")
    assert registry(*asked).json["romanized"] == "Dōngsì 10 Tiáo"
    assert registry(*asked, "--spelt-ordinals").json["romanized"] == "Dōngsì Shítiáo"


def test_a_spelling_that_was_decided_on_wins(registry: Registry) -> None:
    asked = ("names", "romanize", "解州镇", "--class", "division", "--json")
    decided = registry(*asked, "--spelling", "Xièzhōu Zhèn").json
    assert (decided["romanized"], decided["given_by"], decided["doubtful"]) == (
        "Xièzhōu Zhèn",
        "local-operator",
        False,
    )
    assert decided["alternatives"][0]["romanized"] == "Hàizhōu Zhèn"
    kept = registry("names", "romanize", "额济纳旗", "--spelling", "Ejin Qí", "--transcribed", "--json")
    assert kept.json["romanized"] == "Ejin Qí"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (("（东段）",), 2, "name-not-romanised"),
        (("金华市", "--spelling", "Jinhua"), 1, "spelling-invalid"),
        (("金华市", "--class", "town"), 2, "command-misused"),
    ],
)
def test_what_cannot_be_is_refused(registry: Registry, arguments: tuple[str, ...], exit_code: int, code: str) -> None:
    done = registry("names", "romanize", *arguments, "--json")
    assert (done.code, done.json["error"]["code"]) == (exit_code, code)
