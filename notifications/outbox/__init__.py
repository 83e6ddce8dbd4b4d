"""From the entry of a message to its delivery.

In order: `entry` stores the message, `bundles` joins it with those that wait, `dispatch` calls a worker,
`delivery` claims, sends and retries by way of `envelope` and `mail_server` (or `files`, for the demo).
Afterwards: `lookups` for staff and monitoring, `failing_addresses`, `correction` of an address, `retention`.
`secrets` are left out of what is kept.
"""
