"""What the page on clusters shows is run, with Spark's own threads."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.e2e.servers import needed
from tests.wide import wide
from tools import console

PAGE = console.ROOT / "docs" / "howto" / "spark.md"


@wide
def test_the_page_does_what_it_shows(tmp_path: Path) -> None:
    needed(Path("/usr/bin/java"), "default-jre-headless")
    blocks = list(console.blocks(PAGE.read_text(encoding="utf-8")))
    (log,) = [each.text for each in blocks if each.mark == "file: access.log"]
    (tmp_path / "access.log").write_text(log, encoding="utf-8")
    ((command, expected),) = [
        step for each in blocks if "it needs Java, so" in each.mark for step in console.commands(each.text)
    ]
    folder = {"SPARK_LOCAL_DIRS": str(tmp_path), "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=tmp_path,
        env={**os.environ, **folder, "JDK_JAVA_OPTIONS": f"-Djava.io.tmpdir={tmp_path} -XX:-UsePerfData"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert console.matches(expected, done.stdout), done.stdout
