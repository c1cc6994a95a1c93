"""How long work says how far it has come, to whoever listens: a terminal's bar, the job's row, nobody."""

from typing import Protocol


class Progress(Protocol):
    """Called by long work, often; listeners thin it out."""

    def __call__(self, step: str, done: int, total: int | None = None) -> None:
        """`done` of `total` units (rows, points, bytes) of `step`; None where the total isn't known.

        `step` is a short English word of the glossary (``read``, ``check``, ``write``, ``snap``, …).
        """


def unheard(step: str, done: int, total: int | None = None) -> None:
    """The listener for work that nobody watches."""
    del step, done, total
