"""A source whose data is dropped as files: the newest complete file of each feed, whole or not at all."""

from connectors.files.checks import check_files
from connectors.files.connector import FilesConnector

__all__ = ["FilesConnector", "check_files"]
