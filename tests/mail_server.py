"""A real SMTP server on this machine, and the mails it took."""

import asyncio
from weakref import WeakSet

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Postbox:
    """The mails an SMTP server took, and the answer it gives to the next ones."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.envelopes.append(envelope)
        return self.answer


class SmtpServer(Controller):
    """A real SMTP server on this machine that hangs up on everybody when it stops.

    aiosmtpd leaves open conversations to the garbage collector, which complains in a later test.
    """

    def __init__(self, postbox: Postbox, port: int) -> None:
        super().__init__(postbox, hostname="127.0.0.1", port=port, ready_timeout=30)
        self.conversations: WeakSet[SMTP] = WeakSet()

    def factory(self) -> SMTP:
        conversation = SMTP(self.handler, **self.SMTP_kwargs)
        self.conversations.add(conversation)
        return conversation

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result()
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        # Closing a server while it takes somebody in breaks that in the middle: first it stops listening.
        for listening in self.server.sockets:
            self.loop.remove_reader(listening.fileno())
        await asyncio.sleep(0.05)
        while talking := [talk.transport for talk in self.conversations if talk.transport is not None]:
            for transport in talking:
                transport.abort()
            await asyncio.sleep(0)
