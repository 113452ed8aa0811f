"""Groq: requests and tokens per hour, integrated from Prometheus rates."""
