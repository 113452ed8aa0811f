"""AWS Cost Explorer. Put here: its list of routes. Keep out: everything else."""

from ingestion.simulator.aws.explorer import aws_routes

__all__ = ["aws_routes"]
