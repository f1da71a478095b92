"""What every integration must pass, in hi's own tree or in a package of its own.

::

    class TestGreenhouse(Conformance):
        integration_type = "greenhouse"
        simulator = GreenhouseFarEnd

`FarEnd` is how the tests see a simulated system: what a person enters, and what can be done with it. They run the real
life of an integration in one process, over real sockets, through a line that fails (`hi.testing.line`). `replayed` does
so with what somebody has recorded of theirs.
"""

from hi.testing.conformance.far_end import Change, FarEnd
from hi.testing.conformance.faults import Faults
from hi.testing.conformance.life import Life
from hi.testing.conformance.mirror import Mirror
from hi.testing.conformance.orders import Orders
from hi.testing.conformance.pictures import Pictures
from hi.testing.conformance.recorded import replayed
from hi.testing.conformance.secrets import Secrets
from hi.testing.conformance.sign_in import SignIn
from hi.testing.conformance.suite import Suite
from hi.testing.conformance.values import Values

__all__ = ["Change", "Conformance", "FarEnd", "replayed"]


class Conformance(Life, Values, Mirror, Orders, Pictures, SignIn, Faults, Secrets, Suite):
    """All of it. A class of tests names its `integration_type` and its `simulator`."""
