"""Conversation: a short talk with one service, for one thing that is wanted of it."""

from collections.abc import Mapping
from typing import Self


class Conversation:
    """Enter, ask, exit; by one thread. `config` holds secrets in clear."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self.config = config

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open. A talk that keeps nothing open has nothing to do here."""
