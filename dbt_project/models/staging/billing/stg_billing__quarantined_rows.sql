{{ staged_quarantine(source("raw_billing", "quarantine")) }}
