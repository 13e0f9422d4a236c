"""Runners: who reads logs and makes replays beside the threads of this process. Spark today; executors run the code that threads run."""
