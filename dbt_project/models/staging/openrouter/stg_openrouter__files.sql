{{ staged_files(source("raw_openrouter", "files")) }}
