"""What keeps the house running: its processes, and the broker that carries tasks between them."""
