"""`hub add`: connect a system. What it asks for is what its kind declares, each setting an option."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence

from hi.cli import named
from hi.cli.refusal import DONE
from hi.cli.secrets import option_of, read_secret
from hi.cli.session import Session
from hi.cli.terminal import plain
from hi.cli.watching import follow
from hi.integration import environment, exceptions, operations
from hi.integration.app_config import IntegrationInfo, list_integrations
from hi.integration.core.settings import SettingSpec
from hi.integration.integration_factory import get_integration_gateway


def add_arguments(parser: ArgumentParser, add: Callable[[object, str, str], ArgumentParser]) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    for info, specs in _list_kinds():
        one = add(kinds, info.integration_type, f"{info.label}: {info.description}")
        one.add_argument(
            "--label", default=info.label, metavar="NAME", help=f"what you call it here; {info.label} if left out"
        )
        for spec in specs:
            _add_setting(one, spec, environment.name_variable(info.integration_type, spec.key))
        one.add_argument("--no-activate", action="store_true", help="only store it; `hub activate` begins")
        one.add_argument("--no-wait", action="store_true", help="begin, and do not wait for the first sync")
        one.set_defaults(run=run)


def run(session: Session, options: Namespace) -> int:
    gateway = get_integration_gateway(options.kind)
    given = _read_settings(session, options, gateway.settings)
    instance = operations.add(options.kind, options.label, given, session.user)
    told = f"{session.terminal.mark('ok')} {plain(instance.label)} is stored as integration {instance.pk}."
    session.terminal.tell(told)
    if options.no_activate:
        return DONE
    return follow(session, operations.activate(named.find_integration(str(instance.pk)), session.user), options)


def _list_kinds() -> Iterable[tuple[IntegrationInfo, tuple[SettingSpec, ...]]]:
    """One that does not load is no reason to offer none."""
    for info in list_integrations():
        try:
            yield info, get_integration_gateway(info.integration_type).settings
        except exceptions.IntegrationError:
            continue


def _add_setting(parser: ArgumentParser, spec: SettingSpec, variable: str) -> None:
    """None is required of the parser: what is missing may stand in the environment."""
    option = option_of(spec.key)
    told = f"{spec.label}. {spec.help}".strip().replace("%", "%%") + f" Left out, it is what {variable} says"
    if not spec.is_secret:
        parser.add_argument(option, dest=f"setting_{spec.key}", metavar="TEXT", help=told)
        return
    either = parser.add_mutually_exclusive_group()
    either.add_argument(f"{option}-file", dest=f"file_{spec.key}", default="", metavar="PATH", help=told)
    otherwise = "the same from the environment; asked for on a terminal if neither is given"
    either.add_argument(f"{option}-env", dest=f"env_{spec.key}", default="", metavar="VARIABLE", help=otherwise)


def _read_settings(session: Session, options: Namespace, specs: Sequence[SettingSpec]) -> dict[str, str]:
    """What is typed. Nobody is asked for a secret that the environment has."""
    typed = {spec.key: getattr(options, f"setting_{spec.key}") for spec in specs if not spec.is_secret}
    given = {key: str(value) for key, value in typed.items() if value is not None}
    at_hand = environment.fill_in(options.kind, specs, given)
    for spec in specs:
        if spec.is_secret:
            path, variable = getattr(options, f"file_{spec.key}"), getattr(options, f"env_{spec.key}")
            if path or variable or spec.key not in at_hand:
                given[spec.key] = read_secret(spec.label, session.terminal, path=path, variable=variable)
    return given
