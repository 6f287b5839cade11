"""How does a case stand: who has it, whose turn is it, who can be sent one?"""
