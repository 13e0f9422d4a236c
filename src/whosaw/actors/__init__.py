"""Floor 2: who is behind views that nothing on record explains: explanations, signs, detectors, findings."""

from .context import Context, ContextTable, Resolve, context_files, load_context
from .detectors import Clause, Detector, Window, load_detectors
from .explanation import Explanation, load_explanations
from .proof import asks_no_table, proves_all
from .run import Detected, Untold, run
from .stories import Digests

__all__ = [
    "Clause",
    "Context",
    "ContextTable",
    "Detected",
    "Detector",
    "Digests",
    "Explanation",
    "Resolve",
    "Untold",
    "Window",
    "asks_no_table",
    "context_files",
    "load_context",
    "load_detectors",
    "load_explanations",
    "proves_all",
    "run",
]
