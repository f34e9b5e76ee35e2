"""`rapport up`."""

from __future__ import annotations

import click


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; else that of RAPPORT_BASE_URL.")
@click.option("--host", help="Address to listen on; else this machine alone, unless RAPPORT_BASE_URL is elsewhere.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes.")
@click.option("--demo", is_flag=True, help="Load the demo organisation when the database is new.")
def up(port: int | None, host: str | None, workers: int, demo: bool) -> None:
    """Run Rapport: prepare the database, start web and worker processes, print the address. Ctrl-C stops all."""
    from rapport.config import supervisor

    supervisor.up(host=host, port=port, workers=workers, demo=demo)
