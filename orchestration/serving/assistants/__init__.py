"""Tools for AI assistants: questions about cost, each answered small, with units, and with where it comes from.

Put here: the tools and their server (Model Context Protocol). Keep out: figures (`serving.queries`).
"""
