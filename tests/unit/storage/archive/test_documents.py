"""What stands beside the files says whose they are."""

from storage.archive.documents import readme


def test_the_readme_says_first_that_it_is_not_for_publication() -> None:
    assert readme().splitlines()[2].startswith("**Not for publication.**")
    assert "heliograph verify ." in readme()
