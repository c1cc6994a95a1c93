"""The tables, one file a subject. Importing this package registers them all with the metadata."""

from geo_registry.model.accounts import (
    Account,
    AccountIdentity,
    AccountPassword,
    AccountSession,
    ApiToken,
    ApiTokenSecret,
    OidcAttempt,
    RoleGrant,
    SignInFailure,
    Team,
    TeamMember,
)
from geo_registry.model.answers import KeptAnswer
from geo_registry.model.audit import AuditEntry, AuditSeal
from geo_registry.model.cases import (
    Announcement,
    CaseClearance,
    CaseDocument,
    CaseName,
    CaseStepTaken,
    Consultation,
    ConsultationComment,
    DocumentContent,
    NameDecision,
    NamingCase,
)
from geo_registry.model.contacts import FacilityContact
from geo_registry.model.coverage import CoverageFacility, CoveragePoint, CoverageRun, CoverageZone
from geo_registry.model.datasets import Dataset, ImportRun
from geo_registry.model.divisions import Division
from geo_registry.model.facilities import Facility
from geo_registry.model.findings import FindingClearance, NameFinding, NameReview
from geo_registry.model.heritage import (
    Heritage,
    HeritageEvidence,
    HeritageMeasure,
    HeritagePicture,
    HeritageStory,
)
from geo_registry.model.jobs import JobProgress
from geo_registry.model.names import NameDue, NameKey
from geo_registry.model.places import BuiltUpArea, BuiltUpExtent, Place, PlaceExtent, PlaceName, PlaceRelation
from geo_registry.model.population import DemandPoint
from geo_registry.model.roads import RoadBarrier, RoadSegment
from geo_registry.model.successions import DivisionSuccession
from geo_registry.model.unnamed import NameWish, UnnamedLane, UnnamedSearch
from geo_registry.model.versions import TableVersion

__all__ = [
    "Account",
    "AccountIdentity",
    "AccountPassword",
    "AccountSession",
    "Announcement",
    "ApiToken",
    "ApiTokenSecret",
    "AuditEntry",
    "AuditSeal",
    "BuiltUpArea",
    "BuiltUpExtent",
    "CaseClearance",
    "CaseDocument",
    "CaseName",
    "CaseStepTaken",
    "Consultation",
    "ConsultationComment",
    "CoverageFacility",
    "CoveragePoint",
    "CoverageRun",
    "CoverageZone",
    "Dataset",
    "DemandPoint",
    "Division",
    "DivisionSuccession",
    "DocumentContent",
    "Facility",
    "FacilityContact",
    "FindingClearance",
    "Heritage",
    "HeritageEvidence",
    "HeritageMeasure",
    "HeritagePicture",
    "HeritageStory",
    "ImportRun",
    "JobProgress",
    "KeptAnswer",
    "NameDecision",
    "NameDue",
    "NameFinding",
    "NameKey",
    "NameReview",
    "NameWish",
    "NamingCase",
    "OidcAttempt",
    "Place",
    "PlaceExtent",
    "PlaceName",
    "PlaceRelation",
    "RoadBarrier",
    "RoadSegment",
    "RoleGrant",
    "SignInFailure",
    "TableVersion",
    "Team",
    "TeamMember",
    "UnnamedLane",
    "UnnamedSearch",
]
