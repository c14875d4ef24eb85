"""What the claims of performance run: ``python3 dev.py bench NAME --json``."""
