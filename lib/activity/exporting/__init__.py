"""Events as files: CSV, JSON Lines and Parquet, safe for spreadsheets."""
