{{ staged_files(source("raw_events", "files")) }}
