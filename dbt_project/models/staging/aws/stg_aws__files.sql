{{ staged_files(source("raw_aws", "files")) }}
