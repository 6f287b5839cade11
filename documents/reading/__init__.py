"""What does a version say, and what was found in its file?"""
