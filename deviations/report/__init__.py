"""How is a deviation reported?"""
