"""What people look at: tables, pictures, a lesson's files, a lesson at work."""
