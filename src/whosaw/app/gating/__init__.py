"""The one gate: who asks, what they may do, and what takes two people. Every use case asks it, whichever door somebody came through."""
