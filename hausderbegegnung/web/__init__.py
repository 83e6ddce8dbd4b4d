"""The pages, by who uses them: public, applicant, staff, caretaker, display; what two of them need is in shared."""
