"""`explain` looks where the last scan looked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.shop_log import NOW, shop_lines

from whosaw.app.asking.explain import explain_first
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError


def test_without_a_folder_explanations_are_looked_up_in_that_of_the_last_scan(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    log, folder, root = tmp_path / "access.log", tmp_path / "context", new_root("ledger")
    log.write_text("".join(f"{line}\n" for line in shop_lines(300)))
    folder.mkdir()
    (folder / "staff.csv").write_text("staff,joined\nkim,2024-01-01\n")
    (folder / "services.csv").write_text("principal\nnightly\n")
    scan([str(log)], root, now=NOW, map_path=map_file, context=folder)
    given = explain_first(root, context=folder, zone=None, now=NOW)
    assert explain_first(root, context=None, zone=None, now=NOW) == given
    (job,) = (each for each in given.first_accesses if each.id == "service-job")
    assert job.cannot_tell == 0 < job.does_not_apply
    shutil.rmtree(folder)
    with pytest.raises(WhosawError, match="is gone"):
        explain_first(root, context=None, zone=None, now=NOW)
