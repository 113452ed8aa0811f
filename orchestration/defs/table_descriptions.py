"""What each raw table holds, in the words that the catalogue shows.

Put here: one sentence per table. Keep out: columns.
"""

_ANYWHERE = {
    "files": "Registry of landed files.",
    "quarantine": "Rows that could not be landed, with the reason and the original record.",
    "pulls": "One row per endpoint and day: complete, partial or missing, and how often and by how much restated.",
}
_BY_TABLE = {
    "raw_events.requests": "One row per inference call that an application, gateway or trace recorded.",
    "raw_billing.focus_charges": "Charges from FOCUS 1.0 to 1.4 files, as delivered.",
    "raw_billing.aws_cur_line_items": "Line items of AWS cost and usage reports, as delivered.",
    "raw_billing.azure_cost_details": "Rows of Azure cost exports, as delivered, under one set of English names.",
    "raw_billing.oci_cost_lines": "Lines of OCI cost reports, as delivered.",
    "raw_billing.openai_costs": "Lines of cost exports of OpenAI's dashboard, as delivered.",
    "raw_prices.model_prices": "Public prices by model, meter, variant, context and time, with what was known when.",
    "raw_prices.model_aliases": "Every model name seen in usage, with the price-list model it means or why none.",
    "raw_prices.other_prices": "Prices of a LiteLLM price file, to compare with the public list.",
    "raw_prices.quarantine": "What of a LiteLLM price file is no price, with remedy.",
    "raw_prices.model_catalog": "Every model that the price list knows.",
    "raw_ledger.closed_lines": "Lines of the statements of closed months, as frozen.",
    "raw_gpu.gpu_samples": "Samples of GPU telemetry logs.",
    "raw_openai.usage": "Hourly usage that OpenAI reports, every usage endpoint, by the fields it groups by.",
    "raw_openai.costs": "Daily costs that OpenAI reports, by project and line item, amounts as printed.",
    "raw_openai.projects": "Names of OpenAI projects, also of those no longer listed.",
    "raw_openai.users": "Users of the OpenAI organization.",
    "raw_openai.api_keys": "Names and owners of OpenAI keys; the keys themselves only as OpenAI blackens them.",
    "raw_openai.service_accounts": "Service accounts of OpenAI projects.",
    "raw_anthropic.messages_usage": "Hourly usage that Anthropic reports, by key, workspace, model, tier and context.",
    "raw_anthropic.cost_report": "Daily costs that Anthropic reports, in cents as printed and in dollars.",
    "raw_anthropic.claude_code": "Claude Code by day and person: sessions, lines, commits, tools.",
    "raw_anthropic.claude_code_models": "Claude Code by day, person and model: tokens and estimated cost.",
    "raw_anthropic.workspaces": "Names of Anthropic workspaces.",
    "raw_anthropic.api_keys": "Names of Anthropic keys.",
    "raw_anthropic.members": "Members of the Anthropic organization.",
    "raw_groq.rates": "Requests and tokens per hour, integrated from the rates that Groq measures.",
    "raw_openrouter.activity": "Daily usage and cost that OpenRouter reports, by model, provider and key.",
    "raw_azure.metrics": "Hourly metrics of Azure OpenAI deployments.",
    "raw_azure.cost_query": "Daily cost that Azure Cost Management reports, as billed.",
    "raw_aws.cost_explorer": "Daily and monthly cost that AWS Cost Explorer reports, by service, usage type and tag.",
    "raw_aws.cost_forecasts": "AWS's own forecast of the months to come.",
    "raw_landing.notes": "What landing noticed and a person should know, as long as it holds, with the remedy.",
    "raw_gcp.billing_export": "Rows of Google Cloud billing export files, as delivered.",
}


def describe(dataset: str, table: str) -> str:
    """The sentence of a table."""
    known = _BY_TABLE.get(f"{dataset}.{table}") or _ANYWHERE.get(table)
    return known or f"Organisation data: {table.replace('_', ' ')}."
