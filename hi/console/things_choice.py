"""What the address of the list of things says: words, grouping, filters, and tiles or a list."""

from dataclasses import dataclass, fields
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from hi.console.addresses import read_number
from hi.console.requests import ConsoleRequest
from hi.entity import queries
from hi.entity.grouping import Grouping

VIEW_COOKIE = "hi_things_view"
VIEWS: dict[str, str | Promise] = {"tiles": gettext_lazy("Tiles"), "list": gettext_lazy("List")}


@dataclass(frozen=True, slots=True)
class Choice:
    """The fields are called as in the address; an empty one is not in it."""

    q: str = ""
    by: str = Grouping.ROOM
    show: str = ""
    room: str = ""
    label: str = ""
    hidden: str = ""
    view: str = "tiles"

    @classmethod
    def read(cls, request: ConsoleRequest) -> "Choice":
        given = {field.name: _clean(request.GET.get(field.name, "")) for field in fields(cls)}
        remembered = request.COOKIES.get(VIEW_COOKIE, "")
        return cls(
            q=given["q"],
            by=given["by"] if given["by"] in set(Grouping) else Grouping.ROOM,
            show=given["show"] if given["show"] in queries.QUICK_FILTERS else "",
            room=given["room"] if read_number(given["room"]) is not None else "",
            label=given["label"],
            hidden="1" if given["hidden"] == "1" else "",
            view=next((view for view in (given["view"], remembered) if view in VIEWS), "tiles"),
        )

    @property
    def grouping(self) -> Grouping:
        return Grouping(self.by)

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.show or self.room or self.label or self.hidden)

    def filter(self) -> queries.EntityFilter:
        return queries.EntityFilter(
            search=self.q,
            quick=self.show,
            location_id=read_number(self.room),
            label=self.label,
            is_hidden=bool(self.hidden),
        )

    def url(self, **changed: str) -> str:
        """The address of this choice with something changed."""
        query = urlencode([(name, value) for name, value in self._told(changed).items() if value])
        return f"/things/?{query}" if query else "/things/"

    def carried(self) -> list[tuple[str, str]]:
        """What a form beside the search takes along, as hidden fields."""
        told = self._told({})
        return [(name, told[name]) for name in ("by", "show", "hidden", "view") if told.get(name)]

    def _told(self, changed: dict[str, str]) -> dict[str, str]:
        given = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        given.update(changed)
        if given["by"] == Grouping.ROOM:
            given["by"] = ""
        # The cookie remembers it; only an address that changes it says it.
        if given["view"] == "tiles" and "view" not in changed:
            given["view"] = ""
        return given


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:100]
