"""TensorFlow Datasets, both ways."""
