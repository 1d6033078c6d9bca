"""From pairs of files to shards of records, in parallel, resumable, whole or not at all."""
