"""What do people write and send along, and is it what it should be?"""
