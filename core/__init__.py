"""What does every room stand on? No models of ours, no pages."""
