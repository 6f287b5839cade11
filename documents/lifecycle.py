"""What happens to documents: the verbs."""
