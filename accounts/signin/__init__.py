"""How does somebody sign in, and what stands between them and the rest?"""

__all__: list[str] = []
