"""Rows in, HTML out: pure rendering, no scripts, no request to anybody."""
