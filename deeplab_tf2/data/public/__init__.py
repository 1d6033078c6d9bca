"""Public datasets, from the archives that their authors offer to records: one row each in `sets`."""
