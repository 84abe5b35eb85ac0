"""Who may see what: people and screens, their sessions, and the record of everything they saw or changed."""
