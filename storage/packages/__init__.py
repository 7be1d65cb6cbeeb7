"""Results as folders that anybody can read, check and cite without Heliograph."""
