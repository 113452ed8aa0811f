{{ staged_pulls(source("raw_aws", "pulls")) }}
