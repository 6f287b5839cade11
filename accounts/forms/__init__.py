"""How is nothing that is typed lost, sent twice or carried out as somebody else?"""
