import asyncio
import threading

import pytest

from hi.utils import trace

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("given", ["a", "0af7651916cd43dd8448eb211c80319c", "nginx-1.2_3", "x" * 32])
def test_an_id_from_outside_is_taken_as_it_is(given: str) -> None:
    with trace.bind(given) as bound:
        assert bound == given == trace.current()


@pytest.mark.parametrize("given", ["", "x" * 33, "two words", "a\n", "a\r\nSet-Cookie: b", "ä", "a/b", "<b>"])
def test_anything_else_is_replaced_by_a_new_id(given: str) -> None:
    with trace.bind(given) as bound:
        assert bound != given
        assert len(bound) == 32


def test_no_two_ids_are_alike() -> None:
    assert len({trace.new() for _ in range(100)}) == 100


def test_the_id_before_is_back_after_the_block() -> None:
    with trace.bind("outer", job="7"):
        with trace.bind("inner", job="8"):
            assert (trace.current(), trace.current_job()) == ("inner", "8")
        assert (trace.current(), trace.current_job()) == ("outer", "7")
    assert (trace.current(), trace.current_job(), trace.headers()) == ("", "", {})


def test_an_error_leaves_no_id_behind() -> None:
    with pytest.raises(ValueError), trace.bind("lost", job="7"):
        raise ValueError
    assert (trace.current(), trace.current_job()) == ("", "")


def test_a_request_within_a_job_is_still_part_of_the_job() -> None:
    with trace.bind("outer", job="7"), trace.bind("inner"):
        assert trace.current_job() == "7"


def test_a_task_keeps_the_id_it_was_started_with() -> None:
    async def start() -> tuple[str, str]:
        with trace.bind("session"):
            task = asyncio.create_task(asyncio.to_thread(trace.current))
        return await task, trace.current()

    assert asyncio.run(start()) == ("session", "")


def test_two_threads_have_ids_of_their_own() -> None:
    seen: list[str] = []
    with trace.bind("one"):
        other = threading.Thread(target=lambda: seen.append(trace.current()))
        other.start()
        other.join()
    assert seen == [""]


def test_an_outgoing_request_is_marked_with_the_id() -> None:
    with trace.bind("abc"):
        assert trace.headers() == {"X-Request-ID": "abc"}
