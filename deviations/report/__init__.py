"""How is a deviation reported?"""

__all__: list[str] = []
