"""Logging in: one page for the address, one for the code; staff may add a password and a second factor."""
