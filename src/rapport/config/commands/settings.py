"""`rapport settings`: the table of variables, for people and for the documentation."""

from __future__ import annotations

import click

from rapport.config import variables

HEADING = """# Settings

Rapport is configured by environment variables. None is needed to begin. Those marked ‡ hold secrets; each of them
can be given as `NAME_FILE` instead, a path to a file that holds the value.

<!-- Made by `rapport settings --markdown`; change `src/rapport/config/variables.py`. -->

| variable | when not given | meaning |
|---|---|---|
"""


def markdown() -> str:
    """The page `docs/administrators/settings.md`."""
    rows = []
    for variable in variables.VARIABLES:
        name = f"`{variable.name}`" + (" ‡" if variable.secret else "")
        default = f"`{variable.default}`" if variable.default else ""
        rows.append(f"| {name} | {default} | {variable.help.replace('|', chr(92) + '|')} |\n")
    return HEADING + "".join(rows)


@click.command()
@click.option("--markdown", "as_markdown", is_flag=True, help="As the page of the documentation.")
def settings(as_markdown: bool) -> None:
    """List the RAPPORT_* variables: where each value comes from and what it means. Secrets are not shown."""
    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    for variable in variables.VARIABLES:
        given = variables.is_given(variable.name)
        value = "(secret)" if variable.secret and given else variables.read(variable.name)
        click.echo(f"{variable.name}={value}{'' if given else '  (not given)'}\n    {variable.help}")
    for name in variables.unknown():
        click.echo(f"{name} is no variable of Rapport; is it misspelt?", err=True)
