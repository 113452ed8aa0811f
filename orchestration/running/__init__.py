"""Runs: the main job, what is due, what a person sees of it.

Put here: starting runs and following them. Keep out: what assets do (`orchestration.defs`).
"""
