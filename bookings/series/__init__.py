"""Dates that repeat: pattern, dates, plan, request."""
