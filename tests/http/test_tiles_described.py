"""What tiles are made of, how they are drawn, and what is refused."""

import json
from typing import Any

import httpx
import pytest

from api.main import create_app
from geo_registry.db.session import Database, WriteSession
from geo_registry.model import CoverageRun
from geo_registry.settings import Settings
from geo_registry.vocabulary import DatasetKind, FacilityKind, PopulationBasis, RunState
from tests.conftest import TestUrls
from tests.factories import make_dataset, make_demand_point, make_division, make_facility
from tests.http.conftest import Service, served
from tiles.layers import LAYERS
from tiles.style import MARKS, PALETTES, Theme

MAX_LAT = 85.0511


@pytest.mark.parametrize("key", [key for key in LAYERS if key != "coverage"])
def test_every_layer_is_described(service: Service, client: httpx.Client, key: str) -> None:
    described = client.get(f"/tiles/{key}.json", params={"lang": "en"}).json()
    assert described["tilejson"] == "3.0.0"
    assert described["name"] == LAYERS[key].en
    assert described["tiles"] == [f"{service.url}/tiles/{key}/{{z}}/{{x}}/{{y}}.mvt"]
    assert (described["minzoom"], described["maxzoom"]) == (LAYERS[key].minzoom, 14)
    assert [each["id"] for each in described["vector_layers"]] == [key]
    assert all(described["vector_layers"][0]["fields"].values())


def test_bounds_hold_what_was_just_registered(committed: TestUrls, settings: Settings) -> None:
    database = Database.connect(committed.app)
    with served(create_app(settings, database)) as service:
        nothing = httpx.get(f"{service.url}/tiles/divisions,facilities.json").json()
        assert nothing["bounds"] == pytest.approx([-180, -MAX_LAT, 180, MAX_LAT], abs=1e-3)
        with database.write(actor="test") as session:
            make_division(session, box=(119.2, 28.9, 119.9, 29.4))
            make_facility(session, lon=121.0, lat=30.0)
        areas = httpx.get(f"{service.url}/tiles/divisions.json").json()
        assert areas["bounds"] == pytest.approx([119.2, 28.9, 119.9, 29.4], abs=1e-3)
        both = httpx.get(f"{service.url}/tiles/divisions,facilities.json").json()
        assert both["bounds"] == pytest.approx([119.2, 28.9, 121.0, 30.0], abs=1e-3)
        assert [each["id"] for each in both["vector_layers"]] == ["divisions", "facilities"]
    database.dispose()


def test_a_datasets_words_are_credited_as_text(client: httpx.Client, session: WriteSession) -> None:
    make_dataset(session, DatasetKind.ROADS, licence="© <b>OpenStreetMap</b> & others")
    session.commit()
    described = client.get("/tiles/roads.json").json()
    assert described["attribution"] == "© &lt;b&gt;OpenStreetMap&lt;/b&gt; &amp; others"


def test_a_group_that_nobody_was_counted_in_is_refused(client: httpx.Client, session: WriteSession) -> None:
    people = make_dataset(session, DatasetKind.POPULATION, basis=PopulationBasis.RESIDENT)
    make_demand_point(session, people, counts={"all": 5, "60+": 2})
    session.commit()
    assert client.get("/tiles/population.json?group=60%2B").status_code == 200
    refused = client.get("/tiles/population/0/0/0.mvt?group=80%2B")
    assert refused.status_code == 400
    assert refused.json()["code"] == "group-unknown"
    assert "60+, all" in refused.json()["detail"]


def test_a_runs_credits_are_those_of_its_inputs(client: httpx.Client, session: WriteSession) -> None:
    inputs: dict[str, object] = {
        "population": {"licence": "WorldPop"},
        "roads": {"licence": "ODbL"},
        "facilities": {"count": 1},
    }
    run = CoverageRun(state=RunState.DONE.value, standard={}, question={}, totals={}, inputs=inputs, actor="test")
    session.add(run)
    session.commit()
    described = client.get("/tiles/coverage.json", params={"run": str(run.id)}).json()
    assert described["attribution"] == "ODbL; WorldPop"
    assert described["tiles"][0].endswith(f"/tiles/coverage/{{z}}/{{x}}/{{y}}.mvt?run={run.id}")


def test_parameters_stay_in_the_address_of_tiles(client: httpx.Client) -> None:
    address = client.get("/tiles/facilities.json?kind=cemetery&kind=columbarium&status=open").json()["tiles"][0]
    assert address.endswith("/tiles/facilities/{z}/{x}/{y}.mvt?kind=cemetery&kind=columbarium&status=open")
    assert client.get(address.format(z=0, x=0, y=0)).status_code == 204


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/rivers/0/0/0.mvt", 404, "tile-layer-unknown"),
        ("/tiles/divisions,/0/0/0.mvt", 404, "tile-layer-unknown"),
        ("/tiles/divisions,divisions/0/0/0.mvt", 404, "tile-layer-unknown"),
        ("/tiles/rivers.json", 404, "tile-layer-unknown"),
        ("/tiles/divisions/1/2/0.mvt", 400, "tile-out-of-range"),
        ("/tiles/divisions/1/0/-1.mvt", 400, "tile-out-of-range"),
        ("/tiles/divisions/23/0/0.mvt", 400, "tile-out-of-range"),
        ("/tiles/divisions/99999999999999999999/0/0.mvt", 400, "tile-out-of-range"),
        ("/tiles/divisions/a/0/0.mvt", 400, "query-malformed"),
        ("/tiles/divisions/0/0/0.mvt?kind=cemetery", 400, "tile-parameter-misplaced"),
        ("/tiles/divisions/0/0/0.mvt?vintage=70000", 400, "query-malformed"),
        ("/tiles/facilities/0/0/0.mvt?kind=school", 400, "query-malformed"),
        ("/tiles/facilities/0/0/0.mvt?kinds=cemetery", 400, "parameter-unknown"),
        ("/tiles/roads/5/0/0.mvt?roads=gone", 404, "dataset-unknown"),
        ("/tiles/population.json?population=gone", 404, "dataset-unknown"),
        ("/tiles/population/5/0/0.mvt?group=%00", 400, "query-malformed"),
        ("/tiles/coverage/0/0/0.mvt", 400, "tile-parameter-missing"),
        ("/tiles/coverage.json?run=1", 400, "query-malformed"),
        ("/tiles/coverage.json?run=8d3c1c1e-0d5f-4a57-9f0e-3a0c2e2d6b11", 404, "run-unknown"),
        ("/tiles/style.json?theme=pink", 400, "query-malformed"),
        ("/tiles/style.json?lang=fr", 400, "query-malformed"),
    ],
)
def test_what_is_wrong_is_said(client: httpx.Client, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_unknown_layer_is_answered_with_those_that_there_are(client: httpx.Client) -> None:
    assert all(key in client.get("/tiles/rivers/0/0/0.mvt").json()["detail"] for key in LAYERS)


def test_a_run_without_answers_is_refused(client: httpx.Client, session: WriteSession) -> None:
    run = CoverageRun(state=RunState.QUEUED.value, standard={}, question={}, actor="test")
    session.add(run)
    session.commit()
    answer = client.get("/tiles/coverage/0/0/0.mvt", params={"run": str(run.id)})
    assert (answer.status_code, answer.json()["code"]) == (409, "run-not-done")


def _style(client: httpx.Client, **parameters: str) -> dict[str, Any]:
    answer = client.get("/tiles/style.json", params=parameters)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("theme", [theme.value for theme in Theme])
def test_a_style_draws_what_its_sources_have(client: httpx.Client, theme: str) -> None:
    style = _style(client, theme=theme, lang="zh-CN")
    described = {key: client.get(source["url"]).json() for key, source in style["sources"].items()}
    fields = {
        (key, layer["id"]): set(layer["fields"]) for key, found in described.items() for layer in found["vector_layers"]
    }
    ids = [layer["id"] for layer in style["layers"]]
    assert len(ids) == len(set(ids))
    for layer in style["layers"][1:]:
        assert _read(layer) <= fields[layer["source"], layer["source-layer"]]


def _read(node: object) -> set[str]:
    """The fields that expressions read."""
    if isinstance(node, dict):
        return set().union(*map(_read, node.values()))
    if isinstance(node, list):
        own = {node[1]} if len(node) == 2 and node[0] in {"get", "has"} else set()
        return own.union(*map(_read, node))
    return set()


def test_a_style_needs_nothing_from_elsewhere(service: Service, client: httpx.Client) -> None:
    style = _style(client)
    assert style.keys() == {"version", "name", "metadata", "sources", "layers"}
    assert "text-font" not in json.dumps(style)
    assert all(source["url"].startswith(service.url) for source in style["sources"].values())


def test_every_kind_has_a_mark_of_its_own() -> None:
    assert MARKS.keys() == set(FacilityKind)
    for letters in ([mark.zh for mark in MARKS.values()], [mark.en for mark in MARKS.values()]):
        assert len(letters) == len(set(letters))


@pytest.mark.parametrize("theme", list(Theme))
def test_letters_can_be_read(theme: Theme) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 at least."""
    palette = PALETTES[theme]
    assert all(_contrast(colour, palette.on_mark) >= 4.5 for colour in (*palette.families.values(), palette.cluster))
    assert all(_contrast(palette.land, colour) >= 4.5 for colour in (palette.text, palette.muted, palette.road_text))


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
