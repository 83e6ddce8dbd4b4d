"""Bring your own plan: a file with rooms, hours and bookings is read, checked and stored.

`reading` turns a JSON file into a `PlanFile` of plain values and refuses what is broken with a
sentence and its place; `reading_calendar` does so with an iCalendar file for a house that has
its rooms already (`calendar_lines`, `calendar_times`, `calendar_events`, `calendar_rules` and
`calendar_series` are its steps); `series` says which dates its series have; `checking` finds clashes and
broken rules, purely; `storing` writes the plan in one transaction through the same services as
everybody else. The format is described in docs/plan-file.md.
"""
