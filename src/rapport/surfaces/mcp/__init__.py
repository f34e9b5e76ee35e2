"""MCP for agents: a dozen generic tools over HTTP and stdio, under the rights of a token or user."""
