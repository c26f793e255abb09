"""``python -m harness`` is ``lessonbench``."""

from harness.cli import main

main()
