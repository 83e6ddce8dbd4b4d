"""Calendar files of dates: `files` writes them, `time_zones` the rules of their clocks."""
