"""Reading sources on a schedule: one slow or dead source never delays another."""
