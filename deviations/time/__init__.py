"""By when is each step of a case to be taken, and which days count now?"""
