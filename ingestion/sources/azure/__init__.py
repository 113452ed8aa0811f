"""Azure OpenAI metrics (Azure Monitor) and cost (Cost Management) → `raw_azure`."""
