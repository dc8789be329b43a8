"""Files and folders at URLs, such as ``s3://bucket/folder``: copies here, kept the same."""
