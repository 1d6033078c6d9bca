"""Colours, overlays and legends, with NumPy and Pillow only."""
