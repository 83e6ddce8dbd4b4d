"""Who is told what: outbox, catalogue of mails, rendering and delivery."""
