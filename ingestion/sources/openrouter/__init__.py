"""OpenRouter: usage and charges per day."""
