"""`rapport mcp`: the tools for one client on this machine, over standard input and output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import click
import msgspec
from django.db import close_old_connections

from rapport.registry.extensions import Command

_encode = msgspec.json.Encoder(decimal_format="number").encode
MOST_CHARACTERS = 1024 * 1024
VARIABLE = "RAPPORT_TOKEN"


@click.command()
@click.option("--user", "email", default="", metavar="EMAIL", help="Act as this user, without a token.")
def mcp(email: str) -> None:
    """Serve the tools for agents over standard input and output, as a client starts it.

    In whose name: of the token in the variable RAPPORT_TOKEN, or of --user.
    """
    who = _who(email)
    who("")  # Whoever may not come in is told at once, by the client's log.
    serve(who, sys.stdin, sys.stdout)


def _who(email: str) -> Callable[[str], Any]:
    """Gives who asks, by the client's name; asked anew for each message, so that a revoked token ends it."""
    from rapport.features.programs.works import Agent
    from rapport.records.accounts import api_tokens
    from rapport.records.customising import sync
    from rapport.surfaces.mcp.calling import DOOR, Asker

    token = os.environ.get(VARIABLE, "")
    if not token and (path := os.environ.get(f"{VARIABLE}_FILE")):
        token = Path(path).read_text(encoding="utf-8").strip()
    if bool(token) == bool(email):
        raise click.ClickException(f"Say in whose name: a token in {VARIABLE}, or --user EMAIL, one of the two.")

    def of_token(client: str) -> Asker:
        grant = api_tokens.use(token, DOOR)
        if grant is None:
            raise click.ClickException(f"The token in {VARIABLE} is unknown, revoked or has expired.")
        sync.refresh(grant.generation)
        writes = any(scope.partition(":")[0] in {api_tokens.WRITE, api_tokens.ADMIN} for scope in grant.scopes)
        return Asker(grant.caller, Agent(grant.token_id, client), writes)

    def of_user(client: str) -> Asker:
        caller = api_tokens.of_address(email)
        if caller is None:
            raise click.ClickException(f"There is no active user {email}. To list them: rapport user list")
        sync.refresh()
        return Asker(caller.through(DOOR), Agent(None, client))

    return of_token if token else of_user


def serve(who: Callable[[str], Any], lines: TextIO, out: TextIO) -> None:
    """Answer each line, a JSON-RPC message, by a line, until there are no more."""
    client = ""
    while line := lines.readline(MOST_CHARACTERS + 1):
        if len(line) > MOST_CHARACTERS:
            while line and not line.endswith("\n"):
                line = lines.readline(MOST_CHARACTERS)
            answer: dict[str, Any] | None = _too_long()
        elif not line.strip():
            continue
        else:
            answer, client = _answered(who, line, client)
        if answer is not None:
            out.write(_encode(answer).decode() + "\n")
            out.flush()


def _too_long() -> dict[str, Any]:
    from rapport.surfaces.mcp import protocol

    return protocol.refusal(None, protocol.Fault(protocol.INVALID_REQUEST, "The message is too long."))


def _answered(who: Callable[[str], Any], line: str, client: str) -> tuple[dict[str, Any] | None, str]:
    """The answer, and the name of the client as far as it is known by now."""
    from rapport.features.programs.problems import Problem
    from rapport.surfaces.mcp import protocol

    key: str | int | None = None
    close_old_connections()
    try:
        try:
            message = protocol.read(msgspec.json.decode(line))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise protocol.Fault(protocol.PARSE_ERROR, f"This is not JSON: {str(error)[:200]}") from error
        key = message.id
        if message.method == "initialize":
            client = protocol.name_of(message.params.get("clientInfo"))
        return protocol.answer(who(message.client or client), message), client
    except protocol.Fault as fault:
        return protocol.refusal(key, fault), client
    except Problem as problem:
        return protocol.of_problem(key, problem), client


COMMAND = Command(name="mcp", callback=mcp)
