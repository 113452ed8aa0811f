{{ staged_quarantine(source("raw_openai", "quarantine")) }}
