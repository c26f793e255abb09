"""The command line: a file for each group of commands, as light to import as the command itself."""
