"""Verbs: one use-case a function, session first. Never commits: whoever opened the session does, once."""
