"""HL7 v2 ADT messages keep the census current between two polls; the poll remains the truth (``docs/adt.md``)."""
