"""One module a command: flags to settings, settings to work."""
