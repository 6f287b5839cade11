"""Who sees a document, who will, who did, and how is that changed?"""
