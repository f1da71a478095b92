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
        'manage.py restore "/path/to/hi-20261126-031500-scheduled.tar.gz"',
    ),
    "make move-to-postgres URL_FILE=/path/to/that/file": (
        "tests/backup/test_making.py::test_moving_to_postgresql_takes_one_command",
        'manage.py move_database "/path/to/that/file"',
    ),
    # Where there is a container engine; by the profile that has the other processes too.
    "docker compose up --wait": ("tests/e2e/test_compose.py::test_it_is_up_when_the_demo_is_active", ""),
    "docker compose --profile demo up --wait": ("tests/e2e/test_compose.py::test_it_is_up_when_the_demo_is_active", ""),
}
# The same for commands that stand in sentences only.
IN_PASSING = {
    "make quality": ("tests/integration/test_quality.py::test_what_is_declared_is_there", ""),
    "python manage.py quality --check": ("tests/integration/test_quality.py::test_what_is_declared_is_there", ""),
    "make sign-in-link": (
        "tests/runtime/test_house.py::test_one_start_shows_the_block_and_ctrl_c_leaves_no_process",
        "manage.py sign_in_link",
    ),
    "make rotate-keys": (
        "tests/e2e/test_canaries.py::test_keys_are_renewed_while_jobs_run_and_none_fails",
        "manage.py rotate_keys",
    ),
    "make rotate-keys RETIRE=yes": (
        "tests/e2e/test_canaries.py::test_keys_are_renewed_while_jobs_run_and_none_fails",
        "manage.py rotate_keys --retire",
    ),
    "make new-key": (
        "tests/accounts/test_set_up.py::test_a_key_that_is_lost_for_good_is_replaced_on_demand",
        "manage.py new_key",
    ),
    "make restore FILE=… REPLACE=yes": (
        "tests/backup/test_making.py::test_replacing_keeps_what_was_there",
        'manage.py restore --replace "…"',
    ),
    "make -s token NAME=probe": ("tests/docs/test_running.py::test_the_readme", ""),
    "make -s token NAME=my-script SCOPE=operate": ("tests/docs/test_running.py::test_the_readme", ""),
    "make revoke-token NAME=my-script": ("tests/docs/test_running.py::test_the_readme", ""),
    "make -s hub ARGS=export > hi.yaml": ("tests/docs/test_running.py::test_the_command_line", ""),
    'make hub ARGS="apply hi.yaml"': ("tests/docs/test_running.py::test_the_command_line", ""),
    "make help": ("tests/docs/test_commands.py::test_make_lists_its_commands", ""),
    "manage.py hub": ("tests/e2e/test_command_line.py::test_lists_end_quietly_when_nobody_reads_on", ""),
    ".venv/bin/python manage.py hub list things": (
        "tests/e2e/test_command_line.py::test_lists_end_quietly_when_nobody_reads_on",
        "",
    ),
    "python manage.py hub": ("tests/e2e/test_command_line.py::test_lists_end_quietly_when_nobody_reads_on", ""),
    "python manage.py record": ("tests/cli/test_record.py::test_ctrl_c_keeps_what_there_is", ""),
    'make hub ARGS="record House"': ("tests/docs/test_running.py::test_the_command_line", ""),
    "python manage.py record House": ("tests/cli/test_record.py::test_ctrl_c_keeps_what_there_is", ""),
    "python manage.py doctor --json": (
        "tests/integration/test_doctor.py::test_programs_get_the_same_as_json",
        "",
    ),
    "python manage.py rotate_keys": (
        "tests/e2e/test_canaries.py::test_keys_are_renewed_while_jobs_run_and_none_fails",
        "",
    ),
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"': (
        "tests/docs/test_commands.py::test_the_command_that_makes_a_key_makes_one",
        "",
    ),
    "openssl x509 -in fullchain.pem -noout -fingerprint -sha256": (
        "tests/docs/test_commands.py::test_openssl_tells_the_fingerprint_that_hi_tells",
        "",
    ),
    "python -m scripts.home_assistant_page": (
        "tests/services/hass/test_documentation.py::test_the_tables_are_those_of_the_mapping",
        "",
    ),
    "python -m scripts.zoneminder_page": (
        "tests/services/zoneminder/test_documentation.py::test_the_tables_are_those_of_the_integration",
        "",
    ),
    "docker compose stop": ("tests/e2e/test_compose.py::test_it_stops_cleanly_within_ten_seconds", ""),
    # What a hub of the end-to-end tests consists of.
    **dict.fromkeys(
        (
            "python -m hi.runtime.web",
            "python -m hi.runtime.celery worker -Q control,maintenance",
            "python -m hi.runtime.celery worker -Q sync",
            "python -m hi.runtime.celery worker -Q listen",
            "python -m hi.runtime.celery beat",
            "python -m hi.runtime.media",
            "python -m hi.runtime.flower",
        ),
        ("tests/e2e/test_canaries.py::test_flower_knows_none", ""),
    ),
}
NOT_RUN = {
    "it runs the tests": (
        *("make test", "make test-containers", "make test-api", "make test-real", "make coverage"),
        ".venv-dev/bin/python -m pytest PATH",
    ),
    "it is the other half of what decides whether a change is good": ("make check", "make docs"),
    "it measures, or breaks things at random, for minutes": (
        *("make bench-jobs", "make bench-footprint", "make bench-fairness", "make bench-control", "make bench-pages"),
        *("make bench-sync", "make bench-media", "make chaos", "make chaos-long MINUTES=60", "make chaos-beats"),
    ),
    "it asks the network": ("make audit", "make lock"),
    "it makes what the tests run in": ("make venv-dev",),
    "it draws pictures, of a hub that runs for them": (
        *("make screenshots", "make guide-pictures", "scripts/screenshots.py --all FOLDER"),
    ),
    "it takes GNU gettext's tools, which few have": ("make messages", "make messages LOCALE=de"),
    "it takes containers that somebody has started": (
        *("docker compose", "docker compose up", "docker compose logs", "docker inspect", "docker info"),
        *("docker compose --profile demo down -v", "docker compose exec web python manage.py sign_in_link"),
        "docker compose exec web python manage.py hub list things",
    ),
}
# Page -> the test that runs all of its other commands, as they stand.
HERE = {
    "README.md": "tests/docs/test_running.py::test_the_readme",
    "docs/api.md": "tests/docs/test_running.py::test_the_api",
    "docs/command-line.md": "tests/docs/test_running.py::test_the_command_line",
    "docs/operations.md": "tests/docs/test_running.py::test_operations",
    "docs/adding-an-integration.md": "tests/docs/test_running.py::test_an_integration_is_added",
}
