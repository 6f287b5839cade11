"""Which cases are whose, in which order, and what is done to many?"""
