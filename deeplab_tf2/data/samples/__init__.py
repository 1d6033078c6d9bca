"""A dataset that the toolbox draws itself."""
