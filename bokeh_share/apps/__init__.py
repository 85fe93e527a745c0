"""Apps: functions that are shared instead of plots. Each viewer of an app gets a separate document."""
