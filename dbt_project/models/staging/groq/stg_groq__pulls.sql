{{ staged_pulls(source("raw_groq", "pulls")) }}
