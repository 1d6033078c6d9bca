"""Where weights come from: a run's checkpoints and the weights that Keras distributes."""
