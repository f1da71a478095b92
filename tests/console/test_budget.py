"""A page costs a fixed number of statements, however much there is to show."""

from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hi.accounts.models import User
from hi.integration import daily
from tests.console.addresses import Address, find_addresses
from tests.console.big_world import build_world

pytestmark = [pytest.mark.either_database, pytest.mark.long]
BUDGET = 15


def count_queries(address: Address, browser: Client) -> tuple[Any, int]:
    different = {
        id(connections[alias]): connections[alias] for alias in connections
    }  # one, where both are one database
    daily.forget()  # each as the first one that asks
    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(connection)) for connection in different.values()]
        response = address.get(browser)
    assert response.status_code in (200, 204, 302, 405), (address, response.status_code)
    return response, sum(len(one) for one in captured)


def count_all(browser: Client, samples: dict[str, object]) -> dict[str, int]:
    counts: dict[Address, int] = {}

    def get(address: Address, browser: Client) -> Any:
        response, counts[address] = count_queries(address, browser)
        return response

    found = find_addresses(samples, browser, get)
    for address in found:
        if address not in counts:
            get(address, browser)
    return {address.name: counts[address] for address in found}


def test_every_page_and_poll_costs_the_same_for_a_hut_and_for_a_castle(
    browser: Client, person: User, porch: str
) -> None:
    browser.get("/")  # what a process asks for once, it has asked for
    hut = count_all(browser, build_world(person, porch, states=400))
    castle = count_all(browser, build_world(person, porch, states=1600))
    assert {name: number for name, number in castle.items() if number > BUDGET} == {}
    assert hut.keys() <= castle.keys()  # which has more lists that go on
    assert {name: (hut[name], castle[name]) for name in hut if hut[name] != castle[name]} == {}
