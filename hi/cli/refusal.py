"""What ends a command early: one sentence, what to do, and the exit code."""

from hi.integration import exceptions

DONE, FAILED, USAGE, PENDING, INTERRUPTED = 0, 1, 2, 3, 130


class RefusalError(Exception):
    """Nothing was done. `code`, for the shell: FAILED where it cannot be done now, USAGE where it was asked wrongly."""

    def __init__(self, message: str, *, hint: str = "", code: int = USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


def refusal_of(err: exceptions.IntegrationError) -> RefusalError:
    """What hi's own functions refused, each wrong setting with its name."""
    if not isinstance(err, exceptions.ConfigurationError):
        return RefusalError(str(err), hint=err.hint, code=FAILED)
    return RefusalError("\n".join(map(str, err.each)), hint=err.hint, code=USAGE)
