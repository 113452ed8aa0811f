{{ staged_files(source("raw_ledger", "files")) }}
