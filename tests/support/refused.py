"""What a refusal of input is asserted by: the place and the rule it names."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from issuer.domain.errors import InvalidInput


@contextmanager
def refused(path: str, rule: str) -> Iterator[None]:
    """The block is refused for one thing wrong, at that place, by that rule, with words about it."""
    with pytest.raises(InvalidInput) as caught:
        yield
    (complaint,) = caught.value.complaints
    assert (complaint.path, complaint.rule) == (path, rule)
    assert complaint.message
