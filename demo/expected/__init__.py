"""The rules of the study record in Python. It shares no code with the library, so that it can check the library."""
