"""Everything that a standard is evaluated on, read from the database and the disk."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo_registry.coverage import queries
from geo_registry.coverage.inputs import Question, Standard
from geo_registry.coverage.queries import Demand, Facilities, Zones
from geo_registry.db.session import ReadSession
from geo_registry.errors import NobodyAsked
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.model import Dataset
from geo_registry.network.queries import roads as road_dataset
from geo_registry.network.service import Network, load_network


@dataclass(frozen=True, slots=True)
class Gathered:
    """A question's data: who is asked about, where they live, what serves them, over which roads."""

    standard: Standard
    population: Dataset
    roads: Dataset
    network: Network
    zones: Zones
    demand: Demand
    facilities: Facilities

    def inputs(self) -> dict[str, object]:
        """Which data this is: enough to tell whether the same question would be answered from the same data again."""
        demand, facilities, population, network = self.demand, self.facilities, self.population, self.network
        return {
            "population": {
                "dataset": population.key,
                "basis": population.basis,
                "licence": population.licence,
                "as_of": str(population.as_of),
                "points": len(demand.fid),
                "points_without_group": demand.without_group,
                "content_version": str(population.content_version),
                "digest": _digest(demand.lon, demand.lat, demand.people),
            },
            "roads": {
                "dataset": network.dataset_key,
                "licence": network.licence,
                "mode": network.graph.mode,
                "content_version": str(network.content_version),
                "digest": network.digest,
            },
            "facilities": {
                "count": len(facilities.fid),
                "digest": _digest(facilities.fid, facilities.lon, facilities.lat),
            },
        }


def gather(
    session: ReadSession, standard: Standard, question: Question, data_path: Path, progress: Progress = unheard
) -> Gathered:
    """Read what `standard` is evaluated on.

    Raises
    ------
    DomainError
        Something that it needs is missing or doesn't fit.
    """
    progress("read", 0)
    population = queries.population(session, question.population, standard.basis)
    roads = road_dataset(session, question.roads)
    network = load_network(session, data_path, roads, standard.mode, progress=progress)
    zones = queries.zones(session, population)
    demand = queries.demand(session, population, standard.demand, zones, question.zone)
    if question.zone is not None and not len(demand.fid):
        raise NobodyAsked(zone=question.zone, key=population.key)
    return Gathered(
        standard=standard,
        population=population,
        roads=roads,
        network=network,
        zones=zones,
        demand=demand,
        facilities=queries.serving(session, standard.kinds, standard.where, question.as_of),
    )


def _digest(*arrays: npt.NDArray[np.generic]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
