"""Who is told what.

`receivers` hear what happens to bookings, `planning/` finds what is due without anybody's action; both enter
mails into the `outbox/`, which words them (`wording/`, with a file of `calendars/`) and brings them out.
`recipients` are who is meant, `preferences` what they declined, `text_editor` the words of a house.
"""
