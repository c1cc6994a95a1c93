"""The pages speak English wherever they speak Chinese."""

import re

import pytest

from api.languages import EN, ZH
from api.web.translation import TRANSLATIONS, catalogue
from scripts import translations

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def test_every_text_is_translated_and_none_is_left_over() -> None:
    wanted = translations.texts()
    assert len(wanted) > 50
    for path in TRANSLATIONS.glob("*.po"):
        read = translations.read(path)
        assert translations.missing(read, wanted) == []
        assert translations.written(translations.updated(read, wanted)) == path.read_bytes()


def test_a_translation_takes_what_its_text_takes() -> None:
    for message in translations.read(TRANSLATIONS / "en.po"):
        if message.id:
            assert set(PLACEHOLDER.findall(str(message.id))) == set(PLACEHOLDER.findall(str(message.string)))


def test_a_missing_translation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    read = translations.read(TRANSLATIONS / "en.po")
    assert translations.missing(read, {"首页", "没有人写过的话"}) == ["没有人写过的话"]


def test_texts_are_their_own_in_the_first_language() -> None:
    assert catalogue(ZH).gettext("首页") == "首页"
    assert catalogue(EN).gettext("首页") == "Home"
