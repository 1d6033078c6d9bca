"""Losses, metrics, schedules, and the loop that trains a network and can be continued."""
