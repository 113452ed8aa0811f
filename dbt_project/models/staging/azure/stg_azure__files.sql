{{ staged_files(source("raw_azure", "files")) }}
