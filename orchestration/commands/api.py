"""`costops serve` and `costops keys`: the API and pages, and who may use them.

Put here: options, what is said at the start. Keep out: answers (`orchestration.serving`).
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingestion.config import Settings
from orchestration.commands.shared import (
    Format,
    FormatOption,
    HomeOption,
    console,
    errors,
    fail,
    print_json,
    settings_of,
)
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from orchestration.serving.principals import Principal

ADDRESS = "127.0.0.1"
MISSING = "costops serve needs more packages (18 MB): pip install 'llm-cost-ops[serve]'"


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    app.command()(serve)
    group = typer.Typer(no_args_is_help=True, help="API keys: create (shown once), list, revoke.")
    group.command()(create)
    group.command(name="list")(list_)
    group.command()(revoke)
    app.add_typer(group, name="keys")


def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 8080,
    address: Annotated[
        str, typer.Option("--address", help="Address to listen on; beyond this machine only if you name one.")
    ] = ADDRESS,
    allow_writes: Annotated[
        bool,
        typer.Option(
            "--allow-writes", help="Let those who may create budgets and rules of alerts and acknowledge alerts."
        ),
    ] = False,
    requests_per_minute: Annotated[
        int, typer.Option("--requests-per-minute", min=1, max=1_000_000, help="For each principal.")
    ] = 600,
    host_name: Annotated[
        list[str] | None, typer.Option("--host-name", help="A name behind which it stands (a proxy); may be repeated.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="How browsers reach it, for OIDC: https://costs.example")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Serve the API, the pages and the OTLP receiver from the published copy (needs the extra `serve`).

    With the extra `mcp`, AI assistants ask at /mcp.
    """
    try:
        import uvicorn

        from orchestration.serving.http.app import create_app
        from orchestration.serving.http.server import Options
    except ImportError:
        raise fail(MISSING) from None
    settings = settings_of(home)
    is_local = _is_loopback(address)
    options = Options(
        allow_writes=allow_writes, requests_per_minute=requests_per_minute, hosts=tuple(host_name or ()),
        base_url=base_url, is_public=not is_local and not host_name,
    )  # fmt: skip
    try:
        app = create_app(settings, options)
    except ValueError as error:
        raise fail(str(error), 2) from None
    _say(settings, app.state.server.principals.problems, address, port, is_local=is_local, writes=allow_writes)
    config = uvicorn.Config(
        app, host=address, port=port, log_level="warning", access_log=False, server_header=False,
        timeout_keep_alive=30, limit_concurrency=1000, proxy_headers=False,
    )  # fmt: skip
    try:
        uvicorn.Server(config).run()
    except SystemExit:
        raise fail(
            f"port {port} of {address} cannot be used; take another --port, or an --address of this machine"
        ) from None


def _say(
    settings: Settings, problems: tuple[str, ...], address: str, port: int, *, is_local: bool, writes: bool
) -> None:
    from orchestration.serving.http.assistants import PATH, are_installed

    shown = f"[{address}]" if ":" in address else address
    assistants = f", assistants: {PATH}" if are_installed() else ""
    console.print(f"http://{shown}:{port}/ (API: /api{assistants}; stop with Ctrl-C)", highlight=False)
    if not settings.published_database.exists():
        errors.print(f"nothing is published in {plain(str(settings.home))} yet: costops run", highlight=False)
    for words in problems:
        errors.print(plain(words), highlight=False, soft_wrap=True)
    if not is_local:
        errors.print(
            f"[yellow]warning:[/] {plain(address)} is reached from other machines, and keys travel in the clear: put a "
            "proxy with TLS before it, or listen on 127.0.0.1",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    if writes:
        errors.print("writes are on: budgets and acknowledged alerts", highlight=False)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def create(
    name: Annotated[str, typer.Argument(help="A principal of principals.csv, or a new one with --role.")],
    role: Annotated[
        str | None, typer.Option("--role", help="Add the principal: admin, finance, team_lead or viewer.")
    ] = None,
    team: Annotated[list[str] | None, typer.Option("--team", help="Team of a new team_lead or viewer.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="With which a new principal signs in.")] = None,
    sends: Annotated[bool, typer.Option("--sends", help="The key may send usage (OTLP, /api/v1/events).")] = False,
    days: Annotated[int | None, typer.Option("--days", min=1, max=3650, help="How long it is good.")] = None,
    note: Annotated[str, typer.Option("--note", help="What it is for.")] = "",
    home: HomeOption = None,
) -> None:
    """Make a key and show it once."""
    from orchestration.home.organisation_rows import UnwritableFileError
    from orchestration.serving.keys import KeyStore
    from orchestration.serving.principals import FILE, add_principal, read_principals

    settings = settings_of(home)
    principals = read_principals(settings.org_dir)
    known = principals.by_id.get(name)
    if role is not None or team or email:
        if known:
            raise fail(f"{name} is in {FILE} already; change its row there", 2)
        try:
            path = add_principal(settings.org_dir, _new(name, role, team or [], email))
        except (UnwritableFileError, OSError) as error:
            raise fail(str(error)) from None
        errors.print(f"{plain(name)} is a principal now: {plain(str(path))}", highlight=False, soft_wrap=True)
        for words in _unknown_teams(settings, team or []):
            errors.print(f"[yellow]![/] {plain(words)}", highlight=False, soft_wrap=True)
    elif known is None:
        said = "; ".join(principals.problems[:3])
        raise fail(f"{name} is no principal{f' ({said})' if said else ''}; add it with --role and --team, or to {FILE}")
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    key, text = KeyStore(settings.home).create(name, note=note, sends=sends, expires_at=expires)
    errors.print(f"key {key.key_id} of {plain(name)}; it is shown this once:", highlight=False)
    console.print(text, highlight=False, soft_wrap=True)


def _unknown_teams(settings: Settings, teams: list[str]) -> list[str]:
    """A sentence for each team that `teams.csv` lacks; nothing where it names no team."""
    from ingestion.sources.org.pipeline import read_folder

    known = sorted({str(row.values["team_id"]) for row in read_folder(settings.org_dir)["teams"].good})
    return [
        f"there is no team {each!r} in teams.csv ({', '.join(known)}): the key sees no rows of it"
        for each in teams
        if known and each not in known
    ]


def _new(name: str, role: str | None, teams: list[str], email: str | None) -> Principal:
    from orchestration.serving.principals import Principal
    from orchestration.serving.viewers import RIGHTS, Right, Role

    try:
        found = Role((role or "").lower())
    except ValueError:
        raise fail(f"--role {role!r} is none of {', '.join(Role)}", 2) from None
    if Right.READ_ALL not in RIGHTS[found] and not teams:
        raise fail(f"a {found} sees rows of teams: name them with --team", 2)
    if any(";" in each for each in teams):
        raise fail("a team's id has no ; in it; repeat --team", 2)
    return Principal(name, found, frozenset(teams), email, None, None)


def list_(home: HomeOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Keys by principal: when made, whether good, whether they send. Never their secrets."""
    from rich.table import Table

    from orchestration.serving.keys import KeyStore
    from orchestration.serving.principals import read_principals

    settings = settings_of(home)
    keys, principals = KeyStore(settings.home).keys(), read_principals(settings.org_dir)
    now = datetime.now(UTC)
    records: list[dict[str, Any]] = [
        {
            "key_id": key.key_id, "principal_id": key.principal_id, "created_at_utc": key.created_at_utc,
            "state": "revoked" if key.revoked_at_utc else "good" if key.is_good(now) else "expired",
            "role": str(found.role) if (found := principals.valid(key.principal_id)) else "none: opens nothing",
            "sends": key.sends, "note": key.note,
        }
        for key in sorted(keys.values(), key=lambda each: (each.principal_id, each.created_at_utc))
    ]  # fmt: skip
    if format_ is Format.JSON:
        print_json(records)
        return
    if not records:
        console.print("no key; make one: costops keys create NAME --role admin")
        return
    table = Table("key", "principal", "role", "state", "sends", "since (UTC)", "note")
    for row in records:
        table.add_row(
            row["key_id"], plain(row["principal_id"]), plain(row["role"]), row["state"], "yes" if row["sends"] else "",
            row["created_at_utc"][:16].replace("T", " "), plain(row["note"]),
        )  # fmt: skip
    console.print(table)


def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as costops keys list shows it.")], home: HomeOption = None
) -> None:
    """Close a key for good; a server that runs refuses it at once."""
    from orchestration.serving.keys import KeyStore, UnknownKeyError

    try:
        key = KeyStore(settings_of(home).home).revoke(key_id)
    except UnknownKeyError:
        raise fail(f"there is no key {key_id!r}; costops keys list shows them", 2) from None
    console.print(f"revoked: {key.key_id} of {plain(key.principal_id)}", highlight=False)
