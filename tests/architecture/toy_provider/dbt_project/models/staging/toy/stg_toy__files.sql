{{ staged_files(source("raw_toy", "files")) }}
