"""Singleton: one object a class, for stateless gateways only."""

import threading
from typing import Any, ClassVar, Self


class Singleton:
    """Calling the class always gives the same object; `__init__` runs each time, so keep it free of state."""

    _instances: ClassVar[dict[type, Any]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        with Singleton._lock:
            found = Singleton._instances.get(cls)
            if found is None:
                found = Singleton._instances[cls] = super().__new__(cls)
        return found
