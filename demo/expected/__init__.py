"""The rules of the study record, in Python, sharing no code with the library."""
