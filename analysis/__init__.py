"""What it means: pure functions from measurements to verdicts; values in, values out."""
