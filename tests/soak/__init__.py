"""How the house fares over time, on this machine alone: `python -m tests.soak broker`, house or backup."""
