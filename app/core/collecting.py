"""How often the collector of garbage walks over what lives long."""

import gc


def collect_less() -> None:
    """Keep the collector from walking over all that was imported while an answer is made.

    Half of the time that a city's board took was spent so.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
