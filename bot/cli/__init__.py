"""The command line: `threadreel`. Standard output holds results, standard error everything else.

Exit code 0; 2 for a wrong command line or a refused request; 1 for a failure.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of the `threadreel` script."""
    from bot.cli.app import app  # noqa: PLC0415  # loaded here so that importing the package stays cheap

    app()
