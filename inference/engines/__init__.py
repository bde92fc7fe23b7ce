"""Engines: the only code, beside `pocket`, that imports torch."""

import os

# Before torch starts its threads: by default they spin while they wait for each other, and where another process wants
# the same cores each of a model's thousands of small steps waits for a time slice (measured: 40 times slower).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
