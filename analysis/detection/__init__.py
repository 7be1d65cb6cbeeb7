"""Blocking over time: counts per bucket in, findings with onset, end and stated error rates out."""
