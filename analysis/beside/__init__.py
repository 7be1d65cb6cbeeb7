"""What the looks of probes beside the web probe mean: one file per probe, of that probe's name."""
