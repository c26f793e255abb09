"""What runs in processes of its own: ``python -m harness.children.SOME_worker REQUEST.json``, and what these use."""
