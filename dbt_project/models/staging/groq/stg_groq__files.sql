{{ staged_files(source("raw_groq", "files")) }}
