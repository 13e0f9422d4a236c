"""Values cross from one package to another with types; what does not is listed here with its reason."""

from __future__ import annotations

from pathlib import Path

from tools.untyped import crossings

ROOT = Path(__file__).resolve().parents[2]
_METADATA = "metadata of a field of a dataclass, as the standard library has them"
_FOREIGN = "a document in a format of others, made last and written at once"
_ITEM = "TOML as it stands in a file, of which typed items are made"
_SCOPE = (
    "a scope document that a case file names: it may hold a part of a version, or come from another program"
)
_MANIFEST = "rows of the manifest, which the parts of the ledger are to replace"
_ITEMS = "what of the items a step goes by: a document in JSON's types, which is in the keys of its days"

ALLOWED = {
    "whosaw.build.plan.Makings": _ITEMS,
    "whosaw.build.state.State": _ITEMS,
    "whosaw.core.document.told_as": _METADATA,
    "whosaw.core.document.told_as_instant": _METADATA,
    "whosaw.evidence.case_uco.as_case": _FOREIGN,
    "whosaw.evidence.stix.as_stix": _FOREIGN,
    "whosaw.ingest.format_item.FormatItem": _ITEM,
    "whosaw.mapping.drafts.review.Waiting": _ITEM,
    "whosaw.packs.toml_file.TomlFile": _ITEM,
    "whosaw.packs.toml_text.toml_text": _ITEM,
    "whosaw.replay.items.load_replay": _ITEM,
    "whosaw.replay.shares.Maker": "what a share tells: a document in JSON's types, for another process",
    "whosaw.law.checking.asked_by_case.ledger_of": _SCOPE,
    "whosaw.law.contracts.answer_contracts": _SCOPE,
    "whosaw.law.drafting.letter.draft_letter": _SCOPE,
    "whosaw.law.drafting.notice_facts.notice_case": _SCOPE,
    "whosaw.law.drafting.notice_groups.added_since": _SCOPE,
    "whosaw.law.drafting.notice_groups.groups_of": _SCOPE,
    "whosaw.mapping.subject_form.forms_of": _MANIFEST,
    "whosaw.store.journal.Journal": _MANIFEST,
    "whosaw.sending.provider.results": "a reply of a provider as it came; who takes it reads each field by itself",
    "whosaw.store.kept.Kept": _MANIFEST,
    "whosaw.store.repositories.manifest.add_content": _MANIFEST,
    "whosaw.store.repositories.manifest.add_segment": _MANIFEST,
    "whosaw.store.repositories.manifest.content_segments": _MANIFEST,
    "whosaw.store.repositories.manifest.find_begun": _MANIFEST,
    "whosaw.store.repositories.manifest.find_contents": _MANIFEST,
    "whosaw.store.repositories.manifest.register_routes": _MANIFEST,
    "whosaw.store.repositories.manifest.routes_of_map": _MANIFEST,
    "whosaw.store.repositories.manifest.start_content": _MANIFEST,
    "whosaw.store.repositories.manifest.update_content": _MANIFEST,
}


def test_only_what_is_listed_crosses_packages_untyped() -> None:
    found = crossings(ROOT)
    assert {name: sorted(found[name]) for name in found if name not in ALLOWED} == {}
    assert sorted(ALLOWED.keys() - found.keys()) == [], "no longer untyped: take it off the list"


def test_a_dict_that_crosses_is_found(tmp_path: Path) -> None:
    for name, text in {
        "__init__": "",
        "law/__init__": "",
        "law/words": "from typing import Any\nDocument = dict[str, Any]\n",
        "law/made": (
            "from .words import Document\n"
            "def told() -> Document: ...\n"
            "def typed() -> int: ...\n"
            "class Kept:\n    def rows(self, most: int) -> list[dict[str, object]]: ...\n"
            "class Own:\n    def _rows(self) -> Document: ...\n"
        ),
        "law/near": "from whosaw.law.made import told\n",
        "cli/__init__": "",
        "cli/shown": "from whosaw.law import made\nfrom whosaw.law.made import Kept, Own, typed\nmade.told()\n",
    }.items():
        path = tmp_path / "src" / "whosaw" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert crossings(tmp_path) == {
        "whosaw.law.made.told": {"whosaw.cli.shown"},
        "whosaw.law.made.Kept": {"whosaw.cli.shown"},
    }
