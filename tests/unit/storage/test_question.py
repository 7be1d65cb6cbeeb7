"""What is said of an answer that would cost too much names the limit."""

from storage.question import MEGABYTE, Limits, too_large, too_slow


def test_a_slow_answer_names_the_seconds_granted() -> None:
    told = too_slow(Limits(seconds=2.5))

    assert told.too_much
    assert "longer than 2.5 s" in told.why


def test_a_large_answer_names_both_rooms() -> None:
    told = too_large(Limits(answer_bytes=3 * MEGABYTE, memory_bytes=40 * MEGABYTE))

    assert told.too_much
    assert "3 MB" in told.why
    assert "40 MB" in told.why
