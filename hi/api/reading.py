"""What only the API reads."""

from collections.abc import Iterable

from hi.entity.models import Entity
from hi.integration.enums import ItemKind
from hi.integration.models import IntegrationLink


def get_addresses(entities: Iterable[Entity]) -> dict[int, str]:
    """State id -> what its source calls it, for the live states of some things. The oldest link speaks for a state
    that several sources have."""
    links = IntegrationLink.objects.filter(
        # By things and not by states: there are far fewer of them, and a statement takes so many parameters only.
        kind=ItemKind.STATE,
        removed_at=None,
        state__entity__in=[entity.pk for entity in entities],
        state__removed_at=None,
    )
    newest_first = links.order_by("-pk").values_list("state_id", "address")
    return {state_id: address for state_id, address in newest_first if address}
