"""AWS Cost Explorer. Put here: its routes and addresses. Keep out: everything else."""

from ingestion.demo.providers.aws.explorer import aws_routes
from ingestion.demo.providers.provider import Provider

PROVIDER = Provider(
    paths={"aws": "/aws"},
    routes=aws_routes,
    environment=lambda at, keys: {
        "AWS_ACCESS_KEY_ID": keys.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.aws_secret_access_key,
        "AWS_REGION": "us-east-1",
        "AWS_COST_TAGS": "project",
        "AWS_ENDPOINT_URL_COST_EXPLORER": at["aws"],
    },
)
