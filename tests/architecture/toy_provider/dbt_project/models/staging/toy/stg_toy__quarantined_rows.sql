{{ staged_quarantine(source("raw_toy", "quarantine")) }}
