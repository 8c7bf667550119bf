"""A TCP proxy that stands on a link of a test and does to it, on command, what networks do."""

import asyncio
import itertools
import socket
import struct
import threading
import time

PIECE = 64 * 1024
MOST_REPEATED = 1024 * 1024
RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class Direction:
    """What happens to the bytes of one direction, over all connections."""

    def __init__(self, watched_for=None):
        self.bytes = 0
        self.watched_for = watched_for
        self.seen_at = []  # when a piece with those bytes came
        self.delay = 0.0
        self.rate = None  # bytes a second
        self.open = asyncio.Event()
        self.open.set()
        self.cut_after = None  # so many bytes are let through, then the connection is reset
        self.cut_from = 0  # of a piece that has so many at least
        self.renamed = None  # (old, new), of one length

    def heal(self):
        self.delay, self.rate, self.cut_after, self.renamed = 0.0, None, None, None
        self.open.set()


class Proxy:
    """Up is from whoever connects to the server, down is back. Every command may come from any thread."""

    def __init__(self, to_port, listen_on="127.0.0.1", port=0, watched_for=None):
        self._servers = itertools.cycle([to_port])
        self._watched_for = watched_for
        self._loop = asyncio.new_event_loop()
        self._connections = set()
        self._twins = []
        self._listener = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listens_on = listen_on
        self.host, self.port = listen_on, port
        self._call(self._begin())

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    # -- commands
    def delay(self, seconds):
        self._set(lambda d: setattr(d, "delay", seconds))

    def throttle(self, bytes_per_second):
        self._set(lambda d: setattr(d, "rate", bytes_per_second))

    def stall(self, up=True, down=True):
        """Takes and passes on nothing, as a cable that is pulled; new connections are taken and left alone."""
        self._set(lambda d: d.open.clear(), up, down)

    def cut(self, after, up=True, down=True, at_least=0):
        """Resets the connection that carries the next bytes, when `after` of them have passed: within a frame.
        With `at_least`, waits for a frame of that size."""

        def order(direction):
            direction.cut_after, direction.cut_from = after, at_least

        self._set(order, up, down)

    def heal(self):
        """Also accepts again."""
        self._set(Direction.heal)
        self._call(self._listen())

    def refuse(self):
        """Nobody listens any more. What is connected stays so: see reset()."""
        self._call(self._unlisten())

    def lead_to(self, *ports):
        """New connections go there; to each of several in turn."""
        self._servers = itertools.cycle(ports)

    def rename(self, old, new, up=False, down=True):
        """Each text `old` that comes by is `new`, of the same length."""
        assert len(old) == len(new)
        self._set(lambda d: setattr(d, "renamed", (old.encode(), new.encode())), up, down)

    def duplicate(self):
        """Opens another connection to the server for each there is, sends all on it that was sent so far, and what
        follows on both. What the server answers to it goes nowhere. They stay when the first ones break."""

        async def duplicate_all():
            for connection in list(self._connections):
                self._twins.append(await connection.duplicate())

        self._call(duplicate_all())

    def peers(self):
        """The addresses that connections come from."""
        return [connection.peer for connection in list(self._connections)]

    def reset(self):
        """Resets all connections."""

        async def reset_all():
            for connection in list(self._connections):
                connection.reset()

        self._call(reset_all())

    def close(self):
        if self._loop.is_closed():
            return
        self.refuse()
        self.reset()
        self._call(self._end_twins())
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # -- on the proxy's thread
    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _set(self, change, up=True, down=True):
        async def apply():
            for direction, wanted in ((self.up, up), (self.down, down)):
                if wanted:
                    change(direction)

        self._call(apply())

    async def _begin(self):
        self.up, self.down = Direction(self._watched_for), Direction()
        await self._listen()

    async def _end_twins(self):
        for twin in self._twins:
            _reset(twin)

    @staticmethod
    async def _end():
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _listen(self):
        if self._listener:
            return
        self._listener = await asyncio.start_server(self._accept, self._listens_on, self.port, backlog=1024)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _unlisten(self):
        if self._listener:
            self._listener.close()
            self._listener = None

    async def _accept(self, reader, writer):
        try:
            port = next(self._servers)
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            _reset(writer)
            return
        connection = Connection(port, writer, far_writer)
        connection.peer = writer.get_extra_info("peername")[0]
        self._connections.add(connection)
        try:
            await asyncio.gather(
                connection.pump(reader, far_writer, self.up, connection.repeat),
                connection.pump(far_reader, writer, self.down),
            )
        except asyncio.CancelledError:
            pass  # the end of the proxy, which nobody has to hear of
        finally:
            self._connections.discard(connection)
            connection.reset()


class Connection:
    def __init__(self, port, *writers):
        self._port = port
        self._writers = writers
        self._sent = bytearray()
        self._twin = self._swallowing = None

    def reset(self):
        for writer in self._writers:
            _reset(writer)

    async def duplicate(self):
        reader, self._twin = await asyncio.open_connection("127.0.0.1", self._port)
        self._swallowing = asyncio.ensure_future(_swallow(reader))
        self._twin.write(bytes(self._sent))
        return self._twin

    def repeat(self, data):
        """What was sent to the server, for the connection that is its double."""
        if self._twin:
            if not self._twin.transport.is_closing():
                self._twin.write(data)
        elif len(self._sent) < MOST_REPEATED:
            self._sent += data

    async def pump(self, reader, writer, direction, repeat=None):
        try:
            while data := await reader.read(PIECE):
                if direction.watched_for and direction.watched_for in data:
                    direction.seen_at.append(time.monotonic())
                await direction.open.wait()
                if direction.delay:
                    await asyncio.sleep(direction.delay)
                if direction.rate:
                    await asyncio.sleep(len(data) / direction.rate)
                if direction.renamed:
                    data = data.replace(*direction.renamed)
                if direction.cut_after is not None and len(data) >= direction.cut_from:
                    data = data[: direction.cut_after]
                    direction.cut_after = None
                    writer.write(data)
                    await writer.drain()
                    self.reset()
                    return
                direction.bytes += len(data)
                writer.write(data)
                if repeat:
                    repeat(data)
                await writer.drain()
            await direction.open.wait()
            if writer.can_write_eof():
                writer.write_eof()
        except (ConnectionError, OSError, RuntimeError):
            self.reset()


async def _swallow(reader):
    try:
        while await reader.read(PIECE):
            pass
    except OSError:
        pass


def _reset(writer):
    transport = writer.transport
    if transport.is_closing():
        return
    own_socket = transport.get_extra_info("socket")
    if own_socket is not None and own_socket.fileno() >= 0:
        own_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
    transport.abort()
