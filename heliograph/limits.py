"""The section [limits] of the configuration: how much at once, how long, how often, and when."""

from math import inf

import msgspec


class LimitsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much at once, how long and how often."""

    parallel: int = 32
    seconds_per_target: float = 60
    body_bytes: int = 262_144
    cooldown_seconds: float = 200
    per_address_connections: int = 2
    per_address_rate: float = 2.0
    """New connections a second to one address."""
    run_seconds: float = 0
    """No look of a run starts later than this; 0: no end."""
    run_megabytes: float = 500
    """No look of a run starts once so much was sent and received; 0: no end."""
    jitter_seconds: float = 0.05
    """Mean of the random gaps between the starts of looks; 0: none."""
    on_battery: bool = True
    """Whether a run may start on battery power."""
    on_metered: bool = False
    """Whether a run may start on a network paid by volume."""

    def of_one_look(self) -> "LimitsConfig":
        """Without what bounds a run as a whole and changes no look."""
        return msgspec.structs.replace(
            self,
            run_seconds=0,
            run_megabytes=0,
            jitter_seconds=0,
            on_battery=True,
            on_metered=False,
        )


def problems_of(limits: LimitsConfig) -> list[tuple[bool, str]]:
    """Each thing that may be wrong, with whether it is."""
    not_below_zero = {
        "cooldown_seconds": limits.cooldown_seconds,
        "run_seconds": limits.run_seconds,
        "run_megabytes": limits.run_megabytes,
        "jitter_seconds": limits.jitter_seconds,
    }
    return [
        (limits.parallel < 1, "limits.parallel must be 1 or more"),
        (not 0 < limits.seconds_per_target < inf, "limits.seconds_per_target must be more than 0"),
        (limits.body_bytes < 1, "limits.body_bytes must be 1 or more"),
        (limits.per_address_connections < 1, "limits.per_address_connections must be 1 or more"),
        (not 0 < limits.per_address_rate < inf, "limits.per_address_rate must be more than 0"),
        *(
            (not 0 <= value < inf, f"limits.{key} must be 0 or more")
            for key, value in not_below_zero.items()
        ),
    ]
