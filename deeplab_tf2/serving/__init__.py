"""Networks in forms that need none of this code: a SavedModel, and the official frozen graph."""
