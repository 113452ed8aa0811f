"""GPU telemetry and tokens served, from a Prometheus server."""
