"""No module needs itself: each can be the first that is imported."""

from graphlib import TopologicalSorter

import grimp
import pytest

pytestmark = pytest.mark.pure


def list_parents(module: str) -> set[str]:
    parts = module.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts))}


def test_no_imports_go_in_a_circle() -> None:
    graph = grimp.build_graph("hi", exclude_type_checking_imports=True, cache_dir=None)
    needed = {}
    for module in graph.modules:
        imported = graph.find_modules_directly_imported_by(module)
        # With a module the packages around it are imported, but for those that this one lies in itself.
        around = {parent for name in imported for parent in list_parents(name)} - list_parents(module) - {module}
        needed[module] = imported | around
    TopologicalSorter(needed).prepare()
