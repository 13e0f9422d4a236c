"""Floor 2: what a legal hold keeps, whether it is still there, and which retention settings would delete it."""

from .compare import LOSSES, OUTCOMES, Look, Outcome, Verdict, judge
from .held import Checkpoint, HeldFile, Hold, held_from_json, hold_from_json
from .read_settings import SettingsRead, read_settings
from .retention import Rule, Strike, Target

__all__ = [
    "LOSSES",
    "OUTCOMES",
    "Checkpoint",
    "HeldFile",
    "Hold",
    "Look",
    "Outcome",
    "Rule",
    "SettingsRead",
    "Strike",
    "Target",
    "Verdict",
    "held_from_json",
    "hold_from_json",
    "judge",
    "read_settings",
]
