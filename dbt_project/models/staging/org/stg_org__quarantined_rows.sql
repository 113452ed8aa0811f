{{ staged_quarantine(source("raw_org", "quarantine")) }}
