{{ staged_quarantine(source("raw_openrouter", "quarantine")) }}
