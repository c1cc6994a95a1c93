"""A child process that ends when its parent does, even when the parent is killed and can't say so."""

import ctypes
import os
import signal
import sys
from collections.abc import Mapping

PARENT_VARIABLE = "GEO_REGISTRY_PARENT"
"""The environment variable by which a parent tells its child to hold on to it."""

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends to this process when its parent ends."""


def environment_for_children() -> Mapping[str, str]:
    """The environment in which children that call `hold_on` end with this process."""
    return os.environ | {PARENT_VARIABLE: str(os.getpid())}


def hold_on() -> None:
    """End by SIGTERM when the parent ends, if it asked for that; at once, if it has ended meanwhile.

    Only Linux has this; elsewhere a killed parent leaves its children behind.
    """
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(128 + signal.SIGTERM)
