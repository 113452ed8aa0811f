"""Anthropic: usage, cost, Claude Code and names, from the Admin API."""
