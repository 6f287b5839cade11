"""What does the regional coordinator see, and choose?"""

__all__: list[str] = []
