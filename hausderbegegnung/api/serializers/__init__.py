"""What is sent and answered, field by field."""
