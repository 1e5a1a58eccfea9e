"""The versioning answer under the root element that S3 documents."""

from functools import wraps

from moto.s3.responses import S3Response


def install() -> None:
    """Mends what tells a bucket's versioning."""
    original = S3Response.get_bucket_versioning

    @wraps(original)
    def documented(self):
        status, headers, body = original(self)
        text = body.decode() if isinstance(body, bytes) else body
        return status, headers, text.replace("GetBucketVersioningResponse", "VersioningConfiguration")

    S3Response.get_bucket_versioning = documented
