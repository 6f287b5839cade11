"""What does a stranger's file say? Read in a confined process that knows nothing of Django or of us."""
