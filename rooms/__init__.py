"""What can be booked and when: houses, rooms, their parts, hours, closures and rules."""
