"""The page of examples for programs: each is run as it stands, against a console in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.web.test_looks_first import _Served

from whosaw.app.gating import tokens
from whosaw.app.gating.rights import Role
from whosaw.store.workspace import journal_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "api.md"


def test_every_example_of_the_page_is_answered(root: Path, tmp_path: Path) -> None:
    head, *asks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    with closing(journal_of(root)) as journal:
        roles = [Role.INVESTIGATOR, Role.AUDITOR]
        token = tokens.make_token(journal, "siem", roles, by="a test", now=datetime.now(UTC))[1]
    with _Served(root, tmp_path / "told") as served:
        begin = head.replace("http://127.0.0.1:8477", served.address).replace("whosaw_…", token)
        answers = [
            subprocess.run(["bash", "-euc", begin + each], capture_output=True, text=True, check=True).stdout
            for each in asks
        ]
    told = [json.loads(each) for each in answers]
    assert len(told) >= 8
    assert not [each for each in told if "code" in each]
    findings, found, person, actor, remark, talk, coverage, cases, looks, entries = told
    assert findings["items"][0]["id"].startswith("f-")
    assert found["address"] == f"/api/v1/people/{found['person']}"
    assert person["person"] == "p1"
    assert {each["unit"] for each in actor["counts"]} == {"views", "accounts", "persons"}
    assert (remark["by"], talk["items"]) == ("siem", [remark])
    assert coverage["items"][0]["lines"] == 600
    assert cases["items"] == []
    assert looks["items"][0]["by"] == "api:siem"
    assert [each["entry"] for each in entries["items"]] == [1, 2, 3]
