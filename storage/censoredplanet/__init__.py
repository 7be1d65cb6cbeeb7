"""Measurements of Censored Planet, read."""
