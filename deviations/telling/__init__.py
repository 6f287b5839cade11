"""Who is told of a case, in which words, and when?"""
