"""What is on: for everybody, for caretakers, for mails."""
