{{ staged_files(source("raw_gpu", "files")) }}
