"""What the pages say: written in Chinese where it is said, in English by ``translations/en.po``.

The catalogue is read as it stands, so that there is nothing to compile; a test holds that it has every text of the
pages and none that is gone.
"""

import gettext
import io
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_datetime, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from api.languages import EN, ZH

TRANSLATIONS = Path(__file__).parent / "translations"

DAY = {ZH: "y年M月d日", EN: "d MMM y"}
MOMENT = {ZH: "y年M月d日 HH:mm", EN: "d MMM y HH:mm"}
"""As people write them: 2026年11月23日 15:04, 23 Nov 2026 15:04."""


@cache
def catalogue(locale: str) -> gettext.NullTranslations:
    """The texts in the language `locale`; in the first language they are their own."""
    if locale == ZH:
        return gettext.NullTranslations()
    with (TRANSLATIONS / f"{locale}.po").open("rb") as file:
        read = read_po(file, locale=locale, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def day(value: date, locale: str) -> str:
    """A day as people write it."""
    return format_date(value, DAY[locale], locale=_babel(locale))


def moment(value: datetime, locale: str, zone: str) -> str:
    """A moment as people write it, in the registry's time zone."""
    return format_datetime(value, MOMENT[locale], tzinfo=get_timezone(zone), locale=_babel(locale))


def _babel(locale: str) -> str:
    return locale.replace("-", "_")
