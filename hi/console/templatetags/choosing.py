"""What the templates about choosing need."""

from typing import Any

from django import template

from hi.console import choose_page
from hi.console.display import TYPE_WORDS
from hi.integration.core.selection import Selection
from hi.integration.models import InboxItem, IntegrationInstance

register = template.Library()


@register.inclusion_tag("console/part_choose.html", takes_context=True)
def choosing_card(context: template.Context, instance: IntegrationInstance, waiting: int) -> dict[str, Any]:
    chosen = Selection.read(instance.selection)
    return {
        "instance": instance,
        "words": choose_page.describe(chosen),
        "waiting": waiting,
        "request": context["request"],
    }


@register.filter
def offered_as(item: InboxItem) -> str:
    """Of what kind it is, in the source's own words where it has some."""
    families = ", ".join(choose_page.family_words(family) for family in item.families)
    return families or str(TYPE_WORDS.get(item.entity_type, item.entity_type.replace("_", " ")))
