"""How long something has said nothing new."""

from collections.abc import Callable, Hashable, Iterable


class Silence:
    """Measures by this process's own steady clock since when a word has not changed, whatever time the word tells.

    So neither another machine's clock nor one that is set makes anybody look dead, or alive.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._heard: dict[Hashable, tuple[object, float]] = {}

    def seconds(self, who: Hashable, word: object) -> float:
        """Seconds since `who` was first seen to say `word`; 0 for one that has just said something else."""
        last, since = self._heard.get(who, (None, 0.0))
        if who not in self._heard or last != word:
            self._heard[who] = (word, self._clock())
            return 0.0
        return self._clock() - since

    def keep(self, whom: Iterable[Hashable]) -> None:
        """Forget all others."""
        kept = set(whom)
        self._heard = {who: heard for who, heard in self._heard.items() if who in kept}
