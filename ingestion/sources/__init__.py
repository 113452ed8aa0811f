"""One sub-package or module per source system. Put here: parsing. Keep out: loading (`ingestion.landing`)."""
