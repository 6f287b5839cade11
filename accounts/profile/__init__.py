"""What does a person see and change of themselves?"""

__all__: list[str] = []
