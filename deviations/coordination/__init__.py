"""What does the regional coordinator see, and choose?"""
