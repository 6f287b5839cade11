"""What is a reader shown?"""
