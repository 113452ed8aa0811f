{{ staged_pulls(source("raw_toy", "pulls")) }}
