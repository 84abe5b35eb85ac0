"""What a team writes and what it prints: plain forms that work without JavaScript, and one sheet of paper."""
