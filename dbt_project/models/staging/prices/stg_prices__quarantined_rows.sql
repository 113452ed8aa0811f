{{ staged_quarantine(source("raw_prices", "quarantine")) }}
