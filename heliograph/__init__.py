"""What a probe author imports; everything else is reached through its own module."""
