"""The archive: a database as Parquet files by day and country, which any engine can read."""
