"""The rules of the field's Integration Quality Scale, under their published names and in hi's words.

What hi does for every integration is `shown` here once, and what makes no sense in hi is `exempt` here once; all else
an integration shows itself. A test is named as pytest names it, `conformance::test_…` is that of the integration's own
run of the conformance suite, and what documentation has to say is shown by the section of a page.
"""

from dataclasses import dataclass
from enum import StrEnum

SUITE = "conformance::"
COMMANDS = "tests/integration/test_commands.py::"
WIZARD = "tests/console/test_wizard.py::"


class Tier(StrEnum):
    """From the least to the most."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


@dataclass(frozen=True, slots=True)
class Rule:
    rule_id: str
    tier: Tier
    asks: str
    shown: tuple[str, ...] = ()
    exempt: str = ""


BRONZE = (
    Rule(
        "action-setup",
        Tier.BRONZE,
        "An order is taken, or refused with the reason, whether its system is there or not.",
        (
            COMMANDS + "test_what_is_not_connected_is_not_asked",
            COMMANDS + "test_nothing_is_asked_of_a_system_that_rests",
        ),
    ),
    Rule(
        "appropriate-polling", Tier.BRONZE, "Each question is asked in a rhythm that suits it, if any is asked again."
    ),
    Rule(
        "brands",
        Tier.BRONZE,
        "It has a sign of its own, by which it is known.",
        (WIZARD + "test_each_kind_has_its_sign_and_says_how_good_it_is",),
    ),
    Rule("common-modules", Tier.BRONZE, "What integrations have in common is told once."),
    Rule(
        "config-flow-test-coverage",
        Tier.BRONZE,
        "Each way through the wizard is tested, those that fail too.",
        (
            WIZARD + "test_a_good_test_offers_to_start",
            WIZARD + "test_a_bad_test_says_why_and_leads_back_with_everything_but_the_secret",
            WIZARD + "test_every_missing_field_is_named_at_once",
            SUITE + "test_a_connection_that_fails_says_in_time_what_is_wrong_and_what_to_do",
        ),
    ),
    Rule(
        "config-flow",
        Tier.BRONZE,
        "It is connected in the console, by a form of the settings that it declares.",
        (
            WIZARD + "test_the_form_asks_for_what_the_service_declares",
            WIZARD + "test_settings_become_a_draft_and_its_test_begins",
        ),
    ),
    Rule("dependency-transparency", Tier.BRONZE, "What it needs beside hi is public, and pinned."),
    Rule("docs-actions", Tier.BRONZE, "Its page tells what can be set, and how."),
    Rule(
        "docs-conditions",
        Tier.BRONZE,
        "Its page tells its conditions.",
        exempt="It is about automations, and hi has none.",
    ),
    Rule("docs-high-level-description", Tier.BRONZE, "Its page tells what is connected, and what comes of it."),
    Rule("docs-installation-instructions", Tier.BRONZE, "Its page leads through connecting it, step by step."),
    Rule(
        "docs-removal-instructions",
        Tier.BRONZE,
        "A page tells how it is let go.",
        ("docs/user-guide.md#letting-a-system-go",),
    ),
    Rule(
        "docs-triggers", Tier.BRONZE, "Its page tells its triggers.", exempt="It is about automations, and hi has none."
    ),
    Rule(
        "entity-event-setup",
        Tier.BRONZE,
        "It listens from its start until its end, and leaves nothing behind.",
        (SUITE + "test_it_goes_live_is_paused_stopped_and_started_with_the_same_rows",),
    ),
    Rule(
        "entity-unique-id",
        Tier.BRONZE,
        "What it mirrors is known by keys that no rename changes.",
        (SUITE + "test_a_renamed_thing_is_the_row_it_was",),
    ),
    Rule(
        "has-entity-name",
        Tier.BRONZE,
        "A thing is called as at its source, in whatever script.",
        (SUITE + "test_names_of_any_script_and_length_are_mirrored",),
    ),
    Rule(
        "runtime-data",
        Tier.BRONZE,
        "What a connection needs while it lives is its own, and goes with it.",
        (SUITE + "test_changed_settings_make_it_connect_anew", SUITE + "test_deleted_it_leaves_nothing"),
    ),
    Rule(
        "test-before-configure",
        Tier.BRONZE,
        "The connection is tested before anything is mirrored.",
        (SUITE + "test_a_connection_test_looks_and_changes_nothing",),
    ),
    Rule(
        "test-before-setup",
        Tier.BRONZE,
        "It tells at its start whether it can work.",
        (
            "tests/integration/test_lifecycle.py::test_activating_tests_the_connection_mirrors_and_schedules",
            "tests/integration/test_lifecycle.py::test_a_dead_source_fails_the_activation_and_says_why",
        ),
    ),
    Rule(
        "unique-config-entry",
        Tier.BRONZE,
        "No server is mirrored twice.",
        (SUITE + "test_the_same_server_is_not_mirrored_twice",),
    ),
)
SILVER = (
    Rule(
        "action-exceptions",
        Tier.SILVER,
        "An order that fails says why, in words for people.",
        (
            SUITE + "test_an_order_that_is_refused_ends_with_the_reason_and_changes_nothing",
            SUITE + "test_an_order_that_does_not_get_through_says_so_and_is_not_done_later",
        ),
    ),
    Rule(
        "config-entry-unloading",
        Tier.SILVER,
        "It can be stopped and started while hi runs.",
        (SUITE + "test_it_goes_live_is_paused_stopped_and_started_with_the_same_rows",),
    ),
    Rule("docs-configuration-parameters", Tier.SILVER, "A page tells what can be changed of it later."),
    Rule("docs-installation-parameters", Tier.SILVER, "A page tells each setting that it asks for."),
    Rule(
        "entity-unavailable",
        Tier.SILVER,
        "No value of a system that is away looks like a new one.",
        (
            "tests/integration/test_live.py::test_a_snapshot_writes_values_and_what_it_lacks_is_unavailable",
            "tests/console/test_display.py::test_an_old_value_is_shown_as_old_and_never_as_on",
            SUITE + "test_whatever_breaks_the_line_it_comes_back_by_itself",
        ),
    ),
    Rule(
        "integration-owner",
        Tier.SILVER,
        "Somebody answers for it.",
        exempt="Who maintains hi answers for what comes with it; a package names its authors itself.",
    ),
    Rule(
        "log-when-unavailable",
        Tier.SILVER,
        "That its system went away is logged once, and once that it is back.",
        (SUITE + "test_going_away_is_logged_once_and_so_is_coming_back",),
    ),
    Rule(
        "parallel-updates",
        Tier.SILVER,
        "How much is asked of a system at the same time has a limit.",
        (
            "tests/integration/test_command_races.py::test_of_many_that_claim_for_one_system_a_few_have_theirs",
            "tests/integration/test_jobs.py::test_one_instance_never_keeps_two_workers",
        ),
    ),
    Rule(
        "reauthentication-flow",
        Tier.SILVER,
        "A refused sign-in stops it after one attempt, until somebody gives new credentials.",
        (SUITE + "test_a_refused_sign_in_stops_everything_after_one_attempt_until_new_settings",),
    ),
    Rule("test-coverage", Tier.SILVER, "Tests run more than 95 % of its lines."),
)
GOLD = (
    Rule("devices", Tier.GOLD, "What belongs together is one thing, and its states are that thing's."),
    Rule(
        "diagnostics",
        Tier.GOLD,
        "There are diagnostics to pass on, with no secret in them.",
        (
            "tests/integration/test_diagnostics.py::test_it_tells_versions_settings_status_counts_and_what_happened",
            "tests/integration/test_diagnostics.py::test_no_secret_no_name_no_host_and_no_value_is_in_it",
            SUITE + "test_secrets_are_nowhere",
        ),
    ),
    Rule("discovery-update-info", Tier.GOLD, "A system that is found at another address is followed there."),
    Rule("discovery", Tier.GOLD, "Systems in the home are found, and offered."),
    Rule("docs-data-update", Tier.GOLD, "Its page tells how and when values arrive."),
    Rule("docs-examples", Tier.GOLD, "Its page has examples.", exempt="It is about automations, and hi has none."),
    Rule("docs-known-limitations", Tier.GOLD, "Its page tells what does not work."),
    Rule("docs-supported-devices", Tier.GOLD, "Its page tells which systems and things it takes."),
    Rule("docs-supported-functions", Tier.GOLD, "Its page tells what becomes of them."),
    Rule("docs-troubleshooting", Tier.GOLD, "Its page tells what to do when it does not work."),
    Rule("docs-use-cases", Tier.GOLD, "Its page tells what one does with it."),
    Rule(
        "dynamic-devices",
        Tier.GOLD,
        "What is new there comes by itself.",
        (SUITE + "test_what_is_new_there_comes_and_nothing_else_moves",),
    ),
    Rule("entity-category", Tier.GOLD, "Inner health and configuration are told from what a thing is for."),
    Rule("entity-device-class", Tier.GOLD, "States say what they measure, and in which unit."),
    Rule("entity-disabled-by-default", Tier.GOLD, "What few need keeps out of sight until somebody wants it."),
    Rule("entity-translations", Tier.GOLD, "Names that it gives itself can be said in another language."),
    Rule("exception-translations", Tier.GOLD, "Its errors can be said in another language."),
    Rule(
        "icon-translations",
        Tier.GOLD,
        "States have signs that fit what they are.",
        exempt="Pages tell states in words and values; none has icons for them.",
    ),
    Rule(
        "reconfiguration-flow",
        Tier.GOLD,
        "Its settings can be changed later.",
        (
            "tests/console/test_integrations.py::test_saving_settings_keeps_the_secret_that_was_left_empty",
            SUITE + "test_changed_settings_make_it_connect_anew",
        ),
    ),
    Rule(
        "repair-issues",
        Tier.GOLD,
        "What needs a person is a card that leads to its end.",
        (
            "tests/console/test_home.py::test_a_refused_sign_in_leads_to_the_very_field",
            "tests/console/test_home.py::test_what_failed_says_what_it_could_not_do_and_offers_that_again",
        ),
    ),
    Rule(
        "stale-devices",
        Tier.GOLD,
        "What is gone there goes here, and comes back as what it was.",
        (
            "tests/integration/test_sync.py::test_a_removed_thing_is_a_tombstone_and_comes_back_as_the_same_row",
            SUITE + "test_a_thing_that_returns_is_the_row_it_was",
        ),
    ),
)
PLATINUM = (
    Rule(
        "async-dependency",
        Tier.PLATINUM,
        "Nobody who looks at a page waits for its system.",
        ("tests/console/test_integrations.py::test_actions_answer_at_once_with_a_job",),
    ),
    Rule("inject-websession", Tier.PLATINUM, "It speaks through hi's sessions, with their limits and checks."),
    Rule("strict-typing", Tier.PLATINUM, "All of it is typed, and checked strictly."),
)
RULES = {rule.rule_id: rule for rule in (*BRONZE, *SILVER, *GOLD, *PLATINUM)}
