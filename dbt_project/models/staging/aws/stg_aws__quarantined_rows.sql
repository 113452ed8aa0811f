{{ staged_quarantine(source("raw_aws", "quarantine")) }}
