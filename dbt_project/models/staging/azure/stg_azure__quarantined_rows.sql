{{ staged_quarantine(source("raw_azure", "quarantine")) }}
