"""Which provider or unit is meant, and what does a provider's own administrator decide?"""
