"""What turns a system's rows into feeds: the protocol, the connectors and the packs."""
