"""Who may not send right now: blocks, their transitions, and where they are kept."""
