"""The keys that records are found by, and the records whose keys have to be made anew."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, CHAR
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base, one_of
from geo_registry.vocabulary import Named


class NameKey(Base):
    """One name that can be searched for: its keys, and all that a hit shows of its record.

    Derived from the records and made anew whenever one changes, so it has no history of its own; triggers take out the
    keys of what changed or went, `search/keeping.py` makes them again before the commit (ADR 0033).

    A place has as many as it has names; `name_kind` says which this is, `former` that it is no longer in use.
    One that holds from a day to come on has that day as `begins_on`. `turns_on` is the next day on which a key has to be
    made anew, since its name begins or ends then (`places/turning.py`).
    `folded`, `pinyin`, `initials`, `grams` and `homophone` are those of `text/keys.py`. `rank` puts the weightier first
    (`search/ranking.py`), `length` is that of `folded`. `code` is the division's own, or that of the division that the
    record stands in; `lon` and `lat` are in degrees (EPSG:4490), of a division where its name is written on a map.
    """

    __tablename__ = "name_key"
    __table_args__ = (
        CheckConstraint(one_of("type", Named), name="type_known"),
        # What a prefix is put in order by stands in the index: of a letter that a tenth of all names begin with, only
        # the few that are shown are fetched from the table.
        *(
            Index(
                f"ix_name_key_{column}",
                column,
                postgresql_ops={column: "text_pattern_ops"},
                postgresql_include=["rank", "length", "vintage", "id"],
            )
            for column in ("folded", "pinyin", "initials")
        ),
        Index("ix_name_key_turns_on", "turns_on", postgresql_where=text("turns_on IS NOT NULL")),
        Index("ix_name_key_grams", "grams", postgresql_using="gin"),
        Index("ix_name_key_homophone", "homophone", "code", postgresql_ops={"code": "bpchar_pattern_ops"}),
        # Names of streets and estates are told apart within a built-up area: of a name that a thousand towns have, only
        # those around one town are fetched.
        Index(
            "ix_name_key_built_up",
            "homophone",
            "kind",
            "lon",
            postgresql_where=text(
                "type = 'place' AND kind IN ('street', 'residential-area', 'building') AND NOT former"
            ),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    record_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str]
    folded: Mapped[str]
    pinyin: Mapped[str]
    initials: Mapped[str]
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    homophone: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger)
    length: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]
    status: Mapped[str | None]
    quality: Mapped[str]
    code: Mapped[str | None] = mapped_column(CHAR(12))
    vintage: Mapped[int | None] = mapped_column(SmallInteger)
    lon: Mapped[float | None] = mapped_column(Double)
    lat: Mapped[float | None] = mapped_column(Double)
    name_kind: Mapped[str | None]
    former: Mapped[bool] = mapped_column(server_default="false")
    begins_on: Mapped[date | None]
    turns_on: Mapped[date | None]


class NameDue(Base):
    """A record that changed and whose keys aren't made yet: none is left by a commit, but of many changed at once."""

    __tablename__ = "name_due"
    __table_args__ = (CheckConstraint(one_of("type", Named), name="type_known"),)

    type: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
