"""The desk: who is behind each number of a ward, for those who may know; pure functions of what they are given."""
