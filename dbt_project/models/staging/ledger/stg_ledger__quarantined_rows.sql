{{ staged_quarantine(source("raw_ledger", "quarantine")) }}
