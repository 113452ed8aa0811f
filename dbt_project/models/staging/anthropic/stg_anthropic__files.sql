{{ staged_files(source("raw_anthropic", "files")) }}
