{{ staged_quarantine(source("raw_events", "quarantine")) }}
