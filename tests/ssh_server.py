"""An SSH server of this machine that lets anybody in; prints its port and its public key."""

import asyncio
import subprocess

import asyncssh


class AnybodyMayEnter(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return False


async def run_command(process: asyncssh.SSHServerProcess) -> None:
    child = await asyncio.create_subprocess_shell(
        process.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    await asyncio.gather(
        _pass_on(child.stdout, process.stdout), _pass_on(child.stderr, process.stderr)
    )
    process.exit(await child.wait())


async def _pass_on(source: asyncio.StreamReader, target: asyncssh.SSHWriter) -> None:
    while data := await source.read(4096):
        target.write(data.decode(errors="replace"))


async def serve() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.create_server(
        AnybodyMayEnter, "127.0.0.1", 0, server_host_keys=[key], process_factory=run_command
    )
    public = key.export_public_key("openssh").decode().strip()
    print(server.get_port(), public, flush=True)
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(serve())
