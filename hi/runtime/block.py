"""What the terminal shows once everything is up."""

from collections.abc import Sequence
from pathlib import Path

RULE = "─" * 78


def ready_block(
    url: str, sign_in: str, flower: str, flower_password: Path, data_dir: Path, notes: Sequence[str]
) -> str:
    """`sign_in` is a one-time link, or empty when the administrator has signed in before."""
    rows = [
        ("open", url),
        (
            "sign in",
            f"{sign_in}\n(once, within 15 minutes)" if sign_in else "as before; `make sign-in-link` for a new link",
        ),
        ("Flower", f"{flower}\nuser hi, password in {flower_password}"),
        ("data", str(data_dir)),
        ("logs", str(data_dir / "logs")),
    ]
    lines = ["", RULE, "  hi is running", ""]
    for label, value in rows:
        first, *more = value.split("\n")
        lines.append(f"  {label:<8} {first}")
        lines += [f"  {'':<8} {line}" for line in more]
    lines += [f"\n  {note}" for note in notes]
    lines += ["", "  Ctrl-C stops everything.", RULE, ""]
    return "\n".join(lines)
