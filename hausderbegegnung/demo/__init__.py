"""The demo house: facts of a real kind of house, and groups that do not exist.

`demo_house.json` is a plan file as anybody may bring one (docs/plan-file.md); `house` describes
the house and its rooms; `week` knows what goes on in an ordinary week; `loading` puts it all
into the database.
"""
