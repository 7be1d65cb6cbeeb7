"""What the benchmarks that kill are told on the command line: ``[KILLS] [SEED]``."""

import random
import sys


def wanted(usual: int) -> tuple[int, int]:
    """How many kills, and the seed of their moments; without one, a new seed each time."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else usual
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    return kills, seed
