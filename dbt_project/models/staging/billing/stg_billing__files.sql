{{ staged_files(source("raw_billing", "files")) }}
