"""AWS Cost Explorer → `raw_aws`. Cost and usage reports are files: `ingestion.sources.billing` reads those."""
