"""``python -m harness`` is ``lessonbench``."""

from harness.cli.main import main

main()
