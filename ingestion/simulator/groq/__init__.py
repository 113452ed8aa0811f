"""Groq's Prometheus metrics. Put here: its list of routes. Keep out: everything else."""

from ingestion.simulator.groq.api import groq_routes

__all__ = ["groq_routes"]
