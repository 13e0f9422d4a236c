"""Runners: who reads logs beside the threads of this process. Spark today; executors run the code of `app.reading`."""
