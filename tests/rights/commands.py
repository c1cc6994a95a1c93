"""Every command: which verbs it asks the policy for.

Whoever is at the machine, as the user who owns the data directory, may all of them (`docs/access.md`); the verbs are
those of everybody else, who come to the same service functions by other ways.
"""

from collections.abc import Mapping
from types import MappingProxyType

from geo_registry.accounts.policy import Verb

READS: tuple[Verb, ...] = ()
"""What everybody may read."""
TENDS: tuple[Verb, ...] = ()
"""The machine's own processes and files: there is no verb for it, since nobody else comes to it at all."""

COMMANDS: Mapping[str, tuple[Verb, ...]] = MappingProxyType(
    {
        "up": (Verb.LOAD_DEMO,),
        "serve": TENDS,
        "worker": TENDS,
        "migrate": TENDS,
        "status": READS,
        "search": READS,
        "db start": TENDS,
        "db stop": TENDS,
        "db status": TENDS,
        "db backup": TENDS,
        "db restore": TENDS,
        "db psql": TENDS,
        "demo load": (Verb.LOAD_DEMO,),
        "demo clear": (Verb.CLEAR_DEMO,),
        "import divisions": (Verb.IMPORT_FILE,),
        "import places": (Verb.IMPORT_FILE,),
        "import built-up-areas": (Verb.IMPORT_FILE,),
        "import facilities": (Verb.IMPORT_FILE,),
        "import population": (Verb.IMPORT_PLANNING_DATA,),
        "import roads": (Verb.IMPORT_PLANNING_DATA,),
        "import list": READS,
        "names romanize": READS,
        "names check": (Verb.CHECK_NAME,),
        "names review": (Verb.REVIEW_NAMES, Verb.LIST_FINDINGS),
        "names unnamed": (Verb.FIND_LANES, Verb.LIST_LANES, Verb.DECIDE_LANES),
        "names clear": (Verb.CLEAR_FINDING,),
        "cases list": (Verb.LIST_CASES,),
        "cases show": (Verb.LIST_CASES,),
        "cases check": (Verb.LIST_CASES,),
        "cases clear": (Verb.CLEAR_CASE_FINDING, Verb.LIST_CASES),
        "cases clear-all": (Verb.CLEAR_CASE_FINDING, Verb.LIST_CASES),
        "cases split": (Verb.CHANGE_CASE, Verb.LIST_CASES),
        "cases from-review": (Verb.OPEN_CASE, Verb.LIST_FINDINGS),
        "cases new": (Verb.OPEN_CASE,),
        "cases take-over": (Verb.TAKE_OVER_CASE,),
        "cases attach": (Verb.ATTACH_DOCUMENT, Verb.LIST_CASES),
        "cases submit": (Verb.SUBMIT_CASE, Verb.LIST_CASES),
        "cases withdraw": (Verb.SUBMIT_CASE, Verb.LIST_CASES),
        "cases handle": (Verb.HANDLE_CASE, Verb.LIST_CASES),
        "cases sign": (Verb.SIGN_CASE, Verb.LIST_CASES),
        "cases approve": (Verb.DECIDE_CASE, Verb.LIST_CASES),
        "cases announce": (Verb.FOLLOW_UP_CASE, Verb.LIST_CASES),
        "filings list": (Verb.LIST_CASES,),
        "filings due": (Verb.LIST_CASES,),
        "filings show": (Verb.LIST_CASES,),
        "filings incoming": (Verb.LIST_CASES,),
        "cases amend": (Verb.SIGN_CASE, Verb.LIST_CASES),
        "filings codes": (Verb.FOLLOW_UP_CASE, Verb.LIST_CASES),
        "filings enter": (Verb.FOLLOW_UP_CASE, Verb.LIST_CASES),
        "announcements list": READS,
        "heritage list": READS,
        "heritage show": READS,
        "heritage guard": READS,
        "heritage propose": (Verb.PROPOSE_HERITAGE,),
        "heritage enlist": (Verb.ENLIST_HERITAGE,),
        "heritage delist": (Verb.DELIST_HERITAGE,),
        "heritage measure": (Verb.ADD_HERITAGE_MEASURE,),
        "divisions show": READS,
        "divisions successions propose": READS,
        "divisions successions import": (Verb.RECORD_SUCCESSION,),
        "divisions successions withdraw": (Verb.WITHDRAW_SUCCESSION,),
        "network build": (Verb.BUILD_NETWORK,),
        "network info": READS,
        "coverage standards": READS,
        "coverage run": (Verb.ORDER_RUN,),
        "coverage cancel": (Verb.CANCEL_RUN,),
        "users add": (Verb.ADD_ACCOUNT,),
        "users list": (Verb.LIST_ACCOUNTS,),
        "users disable": (Verb.DISABLE_ACCOUNT,),
        "users enable": (Verb.ENABLE_ACCOUNT,),
        "users password": (Verb.SET_PASSWORD,),
        "users grant": (Verb.GRANT_ROLE, Verb.END_GRANT),
        "users team": (Verb.KEEP_TEAM,),
        "users teams": (Verb.LIST_TEAMS,),
        "tokens issue": (Verb.ISSUE_TOKEN,),
        "tokens list": (Verb.LIST_TOKENS,),
        "tokens revoke": (Verb.REVOKE_TOKEN,),
        "jobs list": (Verb.LIST_JOBS,),
        "jobs cancel": (Verb.CANCEL_JOB,),
        "jobs retry": (Verb.RETRY_JOB,),
        "audit list": (Verb.READ_AUDIT,),
        "audit verify": TENDS,
    }
)
