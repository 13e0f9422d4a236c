"""Floor 4: the same questions from Python and notebooks; answers with bounds, as Arrow tables or pandas frames."""

from .answers import Scope, What, Who
from .ledger import CustodyWarning, Ledger, open_workspace
from .rows import Rows

__all__ = ["CustodyWarning", "Ledger", "Rows", "Scope", "What", "Who", "open_workspace"]
