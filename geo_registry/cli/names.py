"""`geo-registry names …`: what place names are made of."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import PlaceClass

if TYPE_CHECKING:
    from geo_registry.places.romanisation.proposal import Proposal

app = typer.Typer(help="地名：拼写 · place names: how they are spelt", no_args_is_help=True)


@app.callback()
def names() -> None:
    """Place names: how they are spelt."""


@app.command("romanize")
def romanize(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name alone, in Chinese characters.")],
    place_class: Annotated[
        PlaceClass | None,
        typer.Option("--class", help="What it names (docs/romanisation.md); else its generic part suggests it."),
    ] = None,
    spelt: Annotated[
        bool, typer.Option("--spelt-ordinals", help="Ordinals in letters (GB/T 16159), not in figures (1984).")
    ] = False,
    spelling: Annotated[
        str | None, typer.Option(help="A spelling that was decided on: it wins, where it can be one.")
    ] = None,
    transcribed: Annotated[
        bool, typer.Option("--transcribed", help="That spelling is a minority language's, without tones.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Propose how a name is spelt in Hanyu Pinyin, and by which rules.

    Example: geo-registry names romanize 双溪西路 --class street
    """
    from geo_registry.errors import NameNotRomanised
    from geo_registry.places.romanisation.engine import romanise
    from geo_registry.places.romanisation.overriding import with_override
    from geo_registry.places.romanisation.pieces import Setting
    from geo_registry.vocabulary import Nameless

    proposal = romanise(name, place_class, setting=Setting(figures=not spelt))
    if spelling is not None:
        proposal = with_override(proposal, spelling, by=Nameless.LOCAL_OPERATOR.value, transcribed=transcribed)
    if proposal.refused is not None:
        raise NameNotRomanised(name=name, reason_zh=proposal.refused.zh, reason_en=proposal.refused.en)
    if as_json:
        console.print_json(_as_json(proposal))
    else:
        console.show(_said(proposal))


def _as_json(proposal: "Proposal") -> dict[str, object]:
    locale = console.locale()
    return {
        "name": proposal.name,
        "class": proposal.place_class.value,
        "romanized": proposal.romanized,
        "plain": proposal.plain,
        "sign": proposal.sign,
        "parts": [
            {
                "text": part.text,
                "pinyin": part.letters,
                "role": part.role.value,
                "rule": part.rule.code,
                "source": part.source.value,
                "begins": part.begins,
            }
            for part in proposal.spelling.parts
        ],
        "rules": [
            {"code": rule.code, "source": rule.source, "article": rule.article, "message": rule.says(locale)}
            for rule in proposal.spelling.rules
        ],
        "doubtful": proposal.doubtful,
        "doubts": [{"code": doubt.code, "message": doubt.says(locale)} for doubt in proposal.doubts],
        "alternatives": [
            {
                "romanized": other.spelling.romanized,
                "sign": other.spelling.sign,
                "code": other.why.code,
                "message": other.why.says(locale),
            }
            for other in proposal.alternatives
        ],
        "given_by": proposal.given_by,
    }


def _said(proposal: "Proposal") -> list[tuple[str, object]]:
    """The spelling, where each part comes from, and what a person should look at."""
    locale = console.locale()
    lines: list[tuple[str, object]] = [
        (proposal.name, proposal.romanized),
        (console.word("标志", "on signs"), proposal.sign),
        (console.word("类别", "class"), proposal.place_class.label(locale)),
    ]
    lines += [
        (
            f"{part.text} {part.letters}",
            f"{part.role.label(locale)} · {part.source.label(locale)} · {part.rule.code} {part.rule.says(locale)}",
        )
        for part in proposal.spelling.parts
    ]
    lines += [(console.word("存疑", "doubtful"), doubt.says(locale)) for doubt in proposal.doubts]
    lines += [
        (console.word("或作", "or"), f"{other.spelling.romanized} · {other.why.says(locale)}")
        for other in proposal.alternatives
    ]
    return lines
