"""The options of a shared function: read off its signature, as widgets and as command-line flags."""
