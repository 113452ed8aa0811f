{{ staged_quarantine(source("raw_anthropic", "quarantine")) }}
