"""A mail server with STARTTLS and a password, of the Debian package python3-aiosmtpd: mail_server.py FOLDER

It keeps each mail as a file in FOLDER/mail, puts its certificate into FOLDER/certificate.pem, prints its port, and ends when its input does.
"""
import asyncio
import pathlib
import ssl
import subprocess
import sys

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = b"handrail", b"correct horse"
folder = pathlib.Path(sys.argv[1])
certificate, key = folder / "certificate.pem", folder / "key.pem"
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    + ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate],
    check=True,
    capture_output=True,
)


class Keeps:
    """Keeps what came, with whom it came from and was for."""

    async def handle_DATA(self, server, session, envelope):
        where = folder / "mail" / str(len(list((folder / "mail").iterdir())))
        where.write_bytes(f"{session.auth_data.login.decode()} {envelope.mail_from} {','.join(envelope.rcpt_tos)}\r\n".encode() + envelope.content)
        return "250 Taken"


def signs_in(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == USER and data.password == PASSWORD, handled=False, auth_data=data)


(folder / "mail").mkdir()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
settings = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": signs_in, "auth_exclude_mechanism": ["LOGIN"]}


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Keeps(), hostname="mail.handrail.test", **settings), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
