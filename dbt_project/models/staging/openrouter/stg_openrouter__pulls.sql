{{ staged_pulls(source("raw_openrouter", "pulls")) }}
