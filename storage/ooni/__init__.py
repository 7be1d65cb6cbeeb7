"""Measurements in the format of OONI: read, and written."""
