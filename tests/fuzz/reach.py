"""What only somebody of a role, or of one above it, may change: read from outside, from the hub's database file."""

import sqlite3
from contextlib import closing
from pathlib import Path

from hi.accounts.roles import Role

# Least role -> what nobody below it changes, whatever they ask for. Left out is what the hub moves by itself.
TABLES: dict[Role, tuple[str, ...]] = {
    Role.MEMBER: (
        "SELECT id FROM integration_command",
        "SELECT id FROM integration_auditentry WHERE user_id IS NOT NULL",
    ),
    Role.OPERATOR: (
        "SELECT command.id FROM integration_command command JOIN entity_controller USING (state_id) "
        "WHERE asks_first OR code_format <> ''",
        "SELECT id, acknowledged_at, status = 'CANCELLED' FROM integration_job WHERE trigger = 'user'",
        "SELECT id, decision FROM integration_inboxitem",
        "SELECT id, user_name, user_type, user_location_id, user_notes FROM entity_entity",
        "SELECT id, user_name, user_location_id FROM entity_entitystate",
        "SELECT entity_id, name, value FROM entity_entityattribute",
        "SELECT id FROM entity_entityfile",
        "SELECT id, user_name, user_parent_id, user_position FROM entity_location",
    ),
    Role.ADMIN: (
        "SELECT id, label, is_draft, desired_state, sync_interval_seconds, removal_policy, selection, new_things "
        "FROM integration_integrationinstance",
        "SELECT instance_id, integration_attr_key, value FROM integration_integrationattribute",
        "SELECT id, username, password, role, is_active FROM accounts_user",
        "SELECT id, user_id, scope, revoked_at FROM accounts_apitoken",
        "SELECT id, user_id, used_at FROM accounts_signinlink",
    ),
}


def read_beyond(role: str, database: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that somebody of the role may not change. Without a role, that is all."""
    roles = list(Role)
    beyond = roles[roles.index(Role(role)) + 1 :] if role else roles
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as db:
        return {sql: sorted(db.execute(sql), key=repr) for one in beyond for sql in TABLES.get(one, ())}
