"""Letters: a batch as PDF, each with address and sheet code; nothing of the preparer's part; counted when its file is there."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from tests.sending.shop import PEOPLE, Shop

from whosaw.app.sending.letters import print_letters
from whosaw.core.errors import WhosawError
from whosaw.sending.keys import Keys
from whosaw.store.workspace import Workspace


def test_each_letter_stands_in_one_batch_with_its_address_and_a_code_that_names_it(shop: Shop) -> None:
    rows = [
        {"subject": str(at), "name": f"Person {at}", "post": f"Road {at}; Nairobi"}
        for at in range(1, PEOPLE + 1)
    ]
    shop.freeze(rows)
    out = shop.root / "letters"
    asked = {"workspace": shop.workspace, "reason": "print", "now": shop.clock.now, "batch": 25}
    assert print_letters("spring", out, **asked).letters == 0  # nothing was released
    shop.release()
    done = print_letters("spring", out, **asked)
    assert (done.letters, len(done.files)) == (PEOPLE, 3)
    assert shop.counts() == {"waiting": 0, "sent": PEOPLE, "failed": 0, "excluded": 0, "unknown": 0}
    opened = Workspace.open(shop.workspace)
    keys, addresses, codes = Keys(opened.vault), [], set()
    for path in sorted(out.iterdir()):
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(path.read_bytes())).pages]
        for text in pages:
            assert "not sent" not in text
            assert "Scope version" not in text
            found = re.search(r"n\d+-\d+-\d+-\d+-[0-9a-f]{20}", text)
            assert found
            assert keys.read_return(found[0]) is not None
            codes.add(found[0])
            addresses += re.findall(r"Road \d+", text)
    opened.close()
    assert sorted(addresses) == sorted(f"Road {at}" for at in range(1, PEOPLE + 1))
    assert len(codes) == PEOPLE
    assert print_letters("spring", out, **asked).letters == 0


def test_a_letter_whose_first_part_was_taken_off_by_hand_keeps_its_title(shop: Shop) -> None:
    for path in (shop.root / "notices").glob("*-letter.txt"):
        path.write_text(path.read_text().partition("=" * 78)[2].lstrip())
    shop.freeze([{"subject": str(at), "post": "Road 1"} for at in range(1, PEOPLE + 1)])
    shop.release()
    done = print_letters(
        "spring", shop.root / "out", workspace=shop.workspace, reason="print", now=shop.clock.now
    )
    first = PdfReader(done.files[0]).pages[0].extract_text()
    assert "Your personal data leaked" in " ".join(first.split())
    assert "===" not in first


def test_letters_need_a_reason(ready: Shop) -> None:
    with pytest.raises(WhosawError, match="without a reason"):
        print_letters("spring", ready.root / "out", workspace=ready.workspace, reason="", now=ready.clock.now)
