"""Google Cloud billing export files → `raw_gcp`."""
