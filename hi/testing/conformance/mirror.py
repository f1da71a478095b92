"""Which things there are: what comes, goes, returns, is called otherwise, or cannot be read."""

from hi.integration.enums import ItemKind, JobStatus
from hi.integration.models import IntegrationInstance, IntegrationLink, Repair
from hi.testing.conformance.suite import needs
from hi.testing.conformance.world import World, rows_of

NAMES = ("Gewächshaus 温室 «№ 1» 🌱", "e\u0301 \u202eright to left\u202c", "x" * 300)


class Mirror:
    @needs("add_thing")
    def test_names_of_any_script_and_length_are_mirrored(self, world: World) -> None:
        for name in NAMES:
            world.far_end.add_thing(name)
        rows = rows_of(world.connect())
        assert NAMES[0] in rows
        assert any(name.startswith("é") or name.startswith("e\u0301") for name in rows)
        assert any(name.startswith("x" * 100) for name in rows)

    @needs("add_thing")
    def test_what_is_new_there_comes_and_nothing_else_moves(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        world.far_end.add_thing("Newcomer")
        assert sync(world, instance).items() - rows.items() == {("Newcomer", rows_of(instance)["Newcomer"])}

    @needs("rename_thing")
    def test_a_renamed_thing_is_the_row_it_was(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        name = pick(world)
        world.far_end.rename_thing(name, "Called otherwise")
        assert sync(world, instance) == {("Called otherwise" if key == name else key): rows[key] for key in rows}

    @needs("remove_thing", "bring_back")
    def test_a_thing_that_returns_is_the_row_it_was(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        name = pick(world)
        world.far_end.remove_thing(name)
        assert sync(world, instance) == {key: rows[key] for key in rows if key != name}
        world.far_end.bring_back(name)
        assert sync(world, instance) == rows

    @needs("list_nothing")
    def test_an_empty_answer_removes_nothing(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        world.far_end.list_nothing()
        world.sync(instance)
        assert rows_of(instance) == rows

    @needs("list_a_part")
    def test_a_part_of_an_answer_removes_nothing(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        world.far_end.list_a_part()
        world.sync(instance)
        assert rows_of(instance) == rows

    @needs("list_twice")
    def test_a_thing_that_is_listed_twice_is_there_once(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        world.far_end.list_twice(pick(world))
        assert sync(world, instance) == rows

    @needs("spoil", "add_thing")
    def test_a_thing_that_cannot_be_read_stays_as_it_was(self, world: World) -> None:
        instance = world.connect()
        rows, addresses = rows_of(instance), list_addresses(instance)
        world.far_end.spoil(pick(world))
        world.far_end.add_thing("Newcomer")
        world.sync(instance)
        # Whether the others go on without it is the service's choice.
        assert {name: row for name, row in rows_of(instance).items() if name != "Newcomer"} == rows
        assert addresses <= list_addresses(instance), "with what it says"
        assert not Repair.objects.filter(instance=instance, closed_at=None).exists(), "there is nothing to ask about"


def pick(world: World) -> str:
    return min(world.far_end.names())


def list_addresses(instance: IntegrationInstance) -> set[str]:
    """Of the states that are mirrored."""
    live = IntegrationLink.objects.filter(instance=instance, kind=ItemKind.STATE, removed_at=None)
    return set(live.values_list("address", flat=True))


def sync(world: World, instance: IntegrationInstance) -> dict[str, int]:
    job = world.sync(instance)
    assert job.status == JobStatus.SUCCEEDED, f"{job.message} {job.hint}"
    return rows_of(instance)
