"""What is wrong with a dataset, told before the first step."""
