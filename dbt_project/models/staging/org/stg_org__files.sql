{{ staged_files(source("raw_org", "files")) }}
