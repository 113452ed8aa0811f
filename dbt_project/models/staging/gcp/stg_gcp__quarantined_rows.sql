{{ staged_quarantine(source("raw_gcp", "quarantine")) }}
