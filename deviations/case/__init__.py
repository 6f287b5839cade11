"""What does a case's page show, and what is done there?"""

__all__: list[str] = []
