"""`python -m bot.cli` is `threadreel`."""

from bot.cli import main

main()
