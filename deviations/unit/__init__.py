"""What does a unit's manager see of the reports of the own unit?"""

__all__: list[str] = []
