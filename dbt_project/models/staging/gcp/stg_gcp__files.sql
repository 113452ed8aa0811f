{{ staged_files(source("raw_gcp", "files")) }}
