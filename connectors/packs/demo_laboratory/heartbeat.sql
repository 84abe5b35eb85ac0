SELECT LastMessageAt FROM LinkStatus
