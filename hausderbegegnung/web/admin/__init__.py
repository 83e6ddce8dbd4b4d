"""The site under /admin/: its look, its policy, and its questions before a change hits approved dates."""
