"""Whom to call at a facility: values in, values out."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from geo_registry.errors import ContactInvalid

MOST_CHARACTERS = 60
PHONE = re.compile(r"[+0-9][0-9 -]{2,24}")


@dataclass(frozen=True, slots=True)
class ContactGiven:
    """A contact as somebody hands it in.

    Raises
    ------
    ContactInvalid
        It can't be kept so.
    """

    person: str
    phone: str
    post: str = ""

    def __post_init__(self) -> None:
        if not self.person.strip() or not _is_line(self.person):
            raise ContactInvalid(
                field="person",
                reason_zh="姓名不能为空或过长",
                reason_en="it needs a name, of one line",
                most=MOST_CHARACTERS,
            )
        if not _is_line(self.post):
            raise ContactInvalid(
                field="post",
                reason_zh="职务过长",
                reason_en="the post isn't a line, or too long",
                most=MOST_CHARACTERS,
            )
        if not PHONE.fullmatch(self.phone.strip()):
            raise ContactInvalid(
                field="phone",
                reason_zh="电话格式不对",
                reason_en="that is no phone number",
                most=MOST_CHARACTERS,
            )

    @property
    def stripped(self) -> Self:
        """Without blanks around it, as it is kept."""
        return replace(self, person=self.person.strip(), phone=self.phone.strip(), post=self.post.strip())


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call at a facility; `masked` says that it isn't shown whole, and then has no version."""

    id: UUID
    person: str
    post: str
    phone: str
    masked: bool = False
    version: str = ""


def _is_line(text: str) -> bool:
    return len(text.strip()) <= MOST_CHARACTERS and not any(
        unicodedata.category(letter) in {"Cc", "Cs", "Cf", "Zl", "Zp"} for letter in text
    )
