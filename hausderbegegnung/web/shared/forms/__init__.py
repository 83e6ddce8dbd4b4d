"""Fields and forms that several pages use."""
