{{ staged_pulls(source("raw_anthropic", "pulls")) }}
