"""How the implementations are compared. Knows no framework: it finds lessons and learners by their files' names."""
