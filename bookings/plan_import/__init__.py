"""Bring your own plan: a file with rooms, hours and bookings is read, checked and stored.

`reading` turns the file into a `PlanFile` of plain values and refuses what is broken with a
sentence and its place; `series` says which dates its series have; `checking` finds clashes and
broken rules, purely; `storing` writes the plan in one transaction through the same services as
everybody else. The format is described in docs/plan-file.md.
"""
