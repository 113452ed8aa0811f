{{ staged_quarantine(source("raw_groq", "quarantine")) }}
