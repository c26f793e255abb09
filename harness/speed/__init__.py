"""How fast is a cell, how sure is that, and is it slower than before?"""
