{{ staged_pulls(source("raw_azure", "pulls")) }}
