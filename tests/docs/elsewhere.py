"""Commands of the pages that other tests run."""

# Command -> the test that runs it, and what make makes of the command where the test calls just that.
ELSEWHERE = {
    "make demo": (
        "tests/e2e/test_demo.py::test_the_demo_is_active_with_its_states_within_15_seconds_of_the_block",
        "-m hi.runtime --demo",
    ),
    "make run": ("tests/docs/test_running.py::test_an_integration_is_added", ""),
    "make restore FILE=/path/to/hi-20261126-031500-scheduled.tar.gz": (
        "tests/backup/test_restore.py::test_everything_is_there_again_on_whichever_database",
        'manage.py restore  "/path/to/hi-20261126-031500-scheduled.tar.gz"',
    ),
    "make move-to-postgres URL_FILE=/path/to/that/file": (
        "tests/backup/test_making.py::test_moving_to_postgresql_takes_one_command",
        'manage.py move_database "/path/to/that/file"',
    ),
    # Where there is a container engine; by the profile that has the other processes too.
    "docker compose up --wait": ("tests/e2e/test_compose.py::test_it_is_up_when_the_demo_is_active", ""),
    "docker compose --profile demo up --wait": ("tests/e2e/test_compose.py::test_it_is_up_when_the_demo_is_active", ""),
}
# Page -> the test that runs all of its other commands, as they stand.
HERE = {
    "README.md": "tests/docs/test_running.py::test_the_readme",
    "docs/api.md": "tests/docs/test_running.py::test_the_api",
    "docs/command-line.md": "tests/docs/test_running.py::test_the_command_line",
    "docs/operations.md": "tests/docs/test_running.py::test_operations",
    "docs/adding-an-integration.md": "tests/docs/test_running.py::test_an_integration_is_added",
}
