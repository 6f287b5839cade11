"""How is one page of a list that grows read?"""
