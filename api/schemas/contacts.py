"""Whom to call at a facility, over the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from geo_registry.facilities.contacts import Contact, ContactGiven


class ContactOut(BaseModel):
    """Somebody to call at a facility."""

    id: UUID
    person: Annotated[str, Field(examples=["王**"])]
    post: str
    phone: Annotated[str, Field(examples=["138****1234"])]
    masked: Annotated[bool, Field(description="Whether part of it is hidden from whoever asked")]

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """A contact as it is sent."""
        return cls(id=contact.id, person=contact.person, post=contact.post, phone=contact.phone, masked=contact.masked)


class ContactsOut(BaseModel):
    """All of a facility's contacts."""

    items: list[ContactOut]


class ContactBody(BaseModel):
    """A contact as it is handed in; whole, also where only a part changes."""

    model_config = ConfigDict(extra="forbid")

    person: Annotated[str, Field(max_length=200, examples=["王小明"])]
    phone: Annotated[str, Field(max_length=60, examples=["13800001234"])]
    post: Annotated[str, Field(max_length=200, description="What they are there", examples=["负责人"])] = ""

    def given(self) -> ContactGiven:
        """As the room takes it."""
        return ContactGiven(person=self.person, phone=self.phone, post=self.post)
