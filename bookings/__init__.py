"""Who gets which room when: associations, requests, dates, decisions, schedule and display."""
