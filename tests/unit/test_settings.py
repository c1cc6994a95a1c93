"""A setting that can't be is refused with its name, its value and what may stand there; never with a password."""

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_registry.errors import SettingsInvalid
from geo_registry.settings import Allowed, Settings, get_settings


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("GEO_PORT", "abc", "65535"),
        ("GEO_PORT", "0", "65535"),
        ("GEO_LOCALE", "fr", "zh-CN"),
        ("GEO_DATA_DIR", __file__, ""),
        ("GEO_DATA_DIR", f"{__file__}/below", ""),
        ("GEO_DATA_DIR", "~nobody-of-that-name/registry", ""),
        ("GEO_TIME_ZONE", "Mars", "Asia/Shanghai"),
        ("GEO_TIME_ZONE", "../zone", "Asia/Shanghai"),
        ("GEO_STATEMENT_TIMEOUT_S", "inf", "86400"),
        ("GEO_PUBLIC_URL", "example.org", "https://"),
        ("GEO_PUBLIC_URL", "http://[", "https://"),
        ("GEO_HOME_DIVISION", "x", "12"),
        ("GEO_BEHIND_CONTAINER", "maybe", "0"),
        ("GEO_STANDARDS_ON", "circle-5min;Circle", ""),
        ("GEO_MAP_APPROVAL_NUMBER", "x" * 61, "60"),
    ],
)
def test_it_is_named_with_its_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as refused:
        get_settings()
    for locale in ("zh-CN", "en"):
        assert f"{name}={value}" in refused.value.message(locale)
        assert allowed in refused.value.message(locale).replace(f"{name}={value}", "")


@pytest.mark.parametrize("name", ["GEO_DATABASE_URL", "GEO_OWNER_DATABASE_URL", "GEO_READ_DATABASE_URL"])
@pytest.mark.parametrize("value", ["secret", "mysql://role:secret@host/name", "postgresql://role:secret@host:x/name"])
def test_a_url_that_is_none_of_postgresql_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("GEO_DATABASE_URL", "postgresql://role:secret@host/name")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as refused:
        get_settings()
    told = "".join(traceback.format_exception(refused.value)) + refused.value.message("zh-CN")
    assert name in told
    assert "postgresql://role:password@host:port/database" in told
    assert "secret" not in told


def test_a_password_is_not_shown_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEO_PUBLIC_URL", "ftp://role:secret@host")
    with pytest.raises(SettingsInvalid, match=r"GEO_PUBLIC_URL \(not shown here\)"):
        get_settings()


def test_a_second_url_needs_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    monkeypatch.setenv("GEO_OWNER_DATABASE_URL", "postgresql://role@host/name")
    with pytest.raises(SettingsInvalid, match=r"GEO_OWNER_DATABASE_URL.*beside GEO_DATABASE_URL"):
        get_settings()


def test_a_proxy_needs_the_address_that_it_is_reached_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEO_BEHIND_PROXY", "1")
    monkeypatch.delenv("GEO_PUBLIC_URL", raising=False)
    with pytest.raises(SettingsInvalid) as refused:
        get_settings()
    for locale in ("zh-CN", "en"):
        assert "GEO_BEHIND_PROXY=1" in refused.value.message(locale)
        assert "GEO_PUBLIC_URL" in refused.value.message(locale)
    monkeypatch.setenv("GEO_PUBLIC_URL", "example.org")
    with pytest.raises(SettingsInvalid) as refused:
        get_settings()
    assert "GEO_BEHIND_PROXY" not in refused.value.message("en")
    monkeypatch.setenv("GEO_PUBLIC_URL", "https://example.org")
    assert get_settings().behind_proxy


def test_every_one_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEO_PORT", "abc")
    monkeypatch.setenv("GEO_LOCALE", "fr")
    with pytest.raises(SettingsInvalid, match=r"GEO_PORT.*GEO_LOCALE"):
        get_settings()


def test_a_folder_may_be_one_that_is_still_to_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEO_DATA_DIR", str(tmp_path / "new" / "registry"))
    assert get_settings().data_path == tmp_path / "new" / "registry"


def test_every_setting_says_what_it_may_be() -> None:
    for name, field in Settings.model_fields.items():
        assert [one for one in field.metadata if isinstance(one, Allowed)], name
