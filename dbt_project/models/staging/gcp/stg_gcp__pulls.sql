{{ staged_pulls(source("raw_gcp", "pulls")) }}
