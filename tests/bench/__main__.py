"""`make bench`: runs every `bench_*.py` beside it in a process of its own and shows what each printed.

Name some to run only those: `python -m tests.bench admission overhead`. A benchmark prints its figures and exits
non-zero only when it could not measure; it never judges by time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from inference.worker.supervisor import CALM_THREADS


def main(wanted: list[str]) -> int:
    """Run the wanted benchmarks, or all; returns the number that could not measure."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not wanted or name.removeprefix("bench_") in wanted]
    if not chosen:
        print(f"No such benchmark. Known: {', '.join(name.removeprefix('bench_') for name in names)}")
        return 2
    broken = 0
    for name in chosen:
        print(f"== {name.removeprefix('bench_')}", flush=True)
        command = [sys.executable, "-m", f"tests.bench.{name}"]
        # As workers run: a bare pipeline must not lose by threads that spin.
        broken += subprocess.run(command, env=CALM_THREADS | os.environ, check=False).returncode != 0
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
