{{ staged_quarantine(source("raw_gpu", "quarantine")) }}
