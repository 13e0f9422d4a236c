"""Tells people: who is written to in which wave, what leaves and when, what comes back, and the proof of all of it."""
