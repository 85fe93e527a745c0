"""One share, from start to stop: its options, its link, its server and its page."""
