"""Are implementations equal, and where do they part if not?"""
