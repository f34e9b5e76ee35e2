"""Registers the surface."""

from django.apps import AppConfig


class McpConfig(AppConfig):
    """MCP for agents."""

    name = "rapport.surfaces.mcp"
    label = "mcp"

    def ready(self) -> None:
        """Register the generic tools, and the command that serves them to one client."""
        from rapport.registry import extensions
        from rapport.surfaces.mcp import commands
        from rapport.surfaces.mcp.tools import asking, reading, writing

        extensions.register(*asking.TOOLS, *reading.TOOLS, *writing.TOOLS, commands.COMMAND)
