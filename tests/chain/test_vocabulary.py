"""The toolkit knows chains only: words of the product's trade have no place in it."""

import re
from pathlib import Path

import chain

TRADE = re.compile(r"filing|coupon|investor|tranche|issuer|securitis", re.IGNORECASE)


def test_no_word_of_the_trade():
    (folder,) = chain.__path__
    found = {
        path.name: TRADE.findall(path.read_text("utf-8"))
        for path in Path(folder).iterdir()
        if path.suffix in {".py", ".js"} and TRADE.search(path.read_text("utf-8"))
    }
    assert found == {}
