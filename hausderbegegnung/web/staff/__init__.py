"""Pages of staff: the inbox, decisions, closures, the outbox."""
