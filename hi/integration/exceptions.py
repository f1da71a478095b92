"""What can go wrong with an integration. Imports nothing.

IntegrationError
├── ConnectionError            the service did not answer; trying later may help
│   └── BreakerOpenError       not even tried: too many failures just before
├── AuthenticationError        the credentials were refused, confirmed by the service
│   └── AccessDeniedError      the service answers, but not to us: banned address or missing rights
├── MissingRightsError         the service knows us, and does not let us have this one thing
├── DataValidationError        one item of an answer cannot be decoded; carries its path
├── ProtocolError              an answer that is not the service's language at all
├── ConfigurationError         a setting is missing or wrong; carries the setting's key
│   └── SecretLostError        no key fits a stored secret: it must be given anew
├── NotRunningError            the instance is off, paused or being stopped
├── WrongServerError           another server answers than the instance mirrors, or one that is mirrored already
├── OrderRefusedError          what shall be set cannot be: the thing is missing, or takes no such value
├── LeaseLostError             another holder took over; whatever this one still does must not be written
└── JobEndedError              the job was cancelled, or another worker has it now

Every error says in `str()` what was tried, where and what came back, and in `hint` what to do. Neither holds a secret.
"""


class IntegrationError(Exception):
    """Base of every error an integration may raise."""

    transient = False
    retry_after = 0.0

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConnectionError(IntegrationError):
    """The service did not answer; trying later may help. `retry_after`: not before so many seconds, by its own word."""

    transient = True

    def __init__(self, message: str, *, hint: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class BreakerOpenError(ConnectionError):
    """Not tried: the breaker is open after repeated failures. It tries again by itself."""


class AuthenticationError(IntegrationError):
    """The credentials were refused. Never repeated: a wrong password tried often ends in a ban.

    `field` is the key of the setting to correct.
    """

    def __init__(self, message: str, *, hint: str = "", field: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class AccessDeniedError(AuthenticationError):
    """The service refuses us whatever the credentials: the address is banned, or rights are missing."""


class MissingRightsError(IntegrationError):
    """The credentials are good, but not for this: what else there is may still be had."""


class DataValidationError(IntegrationError):
    """One item cannot be decoded. `path` says where in the answer."""

    def __init__(self, message: str, *, path: str = "", hint: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message, hint=hint)
        self.path = path


class ProtocolError(IntegrationError):
    """The answer is not in the service's language: another server, a proxy's page, a wrong port."""

    transient = True


class MissingError(ProtocolError):
    """What was asked for does not exist there (404)."""


class GoneError(MissingError):
    """The service has it no more, by its own word: not only was it not found at its address."""


class ConfigurationError(IntegrationError):
    """A setting is missing or wrong. `field` is its key; an empty one means the whole form.

    `each` is this error, or where several settings are wrong, the error of each.
    """

    def __init__(
        self, message: str, *, field: str = "", hint: str = "", each: tuple["ConfigurationError", ...] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.field = field
        self.each = each or (self,)


class SecretLostError(ConfigurationError):
    """A secret is stored, but no key of this installation fits it."""


class NotRunningError(IntegrationError):
    """The instance shall not run now: it is off, paused, refused or being stopped."""


class WrongServerError(IntegrationError):
    """Another server answers than the one that the instance mirrors, or one that another instance mirrors already.

    `server_id` is what it calls itself; `twin_id` the other instance's id, None if there is none.
    """

    def __init__(self, message: str, *, server_id: str, twin_id: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.server_id = server_id
        self.twin_id = twin_id


class OrderRefusedError(IntegrationError):
    """The service says that it did not do what it was told, and why. Nothing was changed there."""


class LeaseLostError(IntegrationError):
    """Somebody else holds the lease now, or the instance was stopped: write nothing more."""


class JobEndedError(IntegrationError):
    """The job was cancelled, or given to another worker: stop, and write nothing more."""
