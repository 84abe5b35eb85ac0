"""Bytes of a connection become whole messages: each between a start block and an end block, whatever the pieces."""

from __future__ import annotations

START, END, CR = b"\x0b", b"\x1c", b"\r"


class TooLong(ValueError):
    """A message is longer than allowed; ``begun`` holds its beginning."""

    def __init__(self, begun: bytes) -> None:
        super().__init__("longer than allowed")
        self.begun = begun


class Frames:
    """One connection's bytes. ``outside``: how many belonged to no message. ``broken``: messages that were begun anew.

    A second start block begins anew: whoever sent the first part has stopped in the middle. The carriage return behind
    an end block may be missing.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._begun: bytearray | None = None
        self.outside = 0
        self.broken = 0

    @property
    def in_a_message(self) -> bool:
        """Whether one has begun and not ended."""
        return self._begun is not None

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes, without their blocks.

        Raises:
            TooLong: nothing that follows on this connection can be told from the rest of that message.
        """
        done: list[bytes] = []
        for number, piece in enumerate(data.split(START)):
            if number:
                self.broken += self._begun is not None
                self._begun = bytearray()
            whole, *behind = piece.split(END)
            if self._begun is None:
                behind = [whole, *behind]
            else:
                self._begun += whole
                if len(self._begun) > self._longest:
                    raise TooLong(bytes(self._begun[: self._longest]))
                if behind:
                    done.append(bytes(self._begun))
                    self._begun = None
            self.outside += sum(len(rest.strip(CR + b"\n")) for rest in behind)
        return done


def framed(message: bytes) -> bytes:
    """``message`` in its blocks."""
    return START + message + END + CR
