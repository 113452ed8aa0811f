"""OpenAI's organization API: usage, costs and names → `raw_openai`."""
