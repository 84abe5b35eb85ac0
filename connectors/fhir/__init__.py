"""Reads a FHIR R4 server: what is asked, what a resource says, and how an answer is known to be whole."""
