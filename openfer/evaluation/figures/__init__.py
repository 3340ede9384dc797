"""What of the evaluation is drawn."""
