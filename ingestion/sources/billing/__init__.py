"""Billing files: FOCUS, AWS CUR, Azure cost details, OCI cost reports, OpenAI's dashboard exports → `raw_billing`."""
