{{ staged_files(source("raw_openai", "files")) }}
