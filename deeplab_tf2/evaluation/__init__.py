"""What a trained network is worth: confusion matrix, scores, tables."""
