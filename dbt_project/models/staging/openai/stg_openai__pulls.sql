{{ staged_pulls(source("raw_openai", "pulls")) }}
