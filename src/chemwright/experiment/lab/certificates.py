"""Keys and certificates for the encrypted connection, and the users a server knows: made here, kept in the user's own folder, private keys readable by their owner alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chemwright.errors import InputError, StorageError
from chemwright.experiment.lab.extra import missing_extra
from chemwright.record.atomic import not_written

SIDES = ("server", "client")
DAYS = 730
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


def private_file(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, never open to others even for a moment.

    Raises:
        StorageError: it can't be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise not_written(path, error) from None


def application_uri(side: str) -> str:
    """The name by which OPC UA knows one of ours; it stands in the certificate."""
    return f"urn:chemwright:lab:{side}"


def make_certificates(folder: Path, user: str = "planner", *, hosts: tuple[str, ...] = ("localhost",), renew: bool = False) -> dict[str, str]:
    """Keys (RSA, 3072 bit) and self-signed certificates of a server and a client that trust each other, and a user with a random password.

    Args:
        folder: where to; made with mode 700.
        user: of the server.
        hosts: names of the server's machine in its certificate.
        renew: make them anew where they are there already.

    Returns:
        the paths: ``server_certificate``, ``server_key``, ``client_certificate``, ``client_key``, ``users``, ``password``.

    Raises:
        InputError: they are there already; StorageError: the folder can't be written; MissingExtra.
    """
    paths = certificate_paths(folder)
    if any(Path(p).exists() for p in paths.values()) and not renew:
        raise InputError(
            "there are keys already", where=str(folder), fix="use them, or make new ones with --renew; who trusts the old ones must then be given the new certificates"
        )
    for side in SIDES:
        key, certificate = _self_signed(side, hosts)
        private_file(Path(paths[f"{side}_key"]), key)
        private_file(Path(paths[f"{side}_certificate"]), certificate)
    password = secrets.token_urlsafe(24)
    private_file(Path(paths["password"]), json.dumps({"user": user, "password": password}).encode())
    private_file(Path(paths["users"]), json.dumps({user: hash_password(password)}).encode())
    return paths


def certificate_paths(folder: Path) -> dict[str, str]:
    """Where the files of a folder are."""
    out = {f"{side}_{what}": str(folder / f"{side}-{name}.pem") for side in SIDES for what, name in (("certificate", "certificate"), ("key", "key"))}
    return {**out, "users": str(folder / "users.json"), "password": str(folder / "password.json")}


def _self_signed(side: str, hosts: tuple[str, ...]) -> tuple[bytes, bytes]:
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    except ImportError:
        raise missing_extra("cryptography") from None

    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"chemwright lab {side}")])
    usage = ExtendedKeyUsageOID.SERVER_AUTH if side == "server" else ExtendedKeyUsageOID.CLIENT_AUTH
    begin = datetime.now(UTC) - timedelta(minutes=5)
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(application_uri(side)), *(x509.DNSName(h) for h in hosts)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(True, True, True, True, False, False, False, False, False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def hash_password(password: str) -> str:
    """Salted scrypt hash as text."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)
    return base64.b64encode(salt).decode() + "$" + base64.b64encode(digest).decode()


def password_matches(password: str, stored: str) -> bool:
    """Whether a password is the one that was hashed; False for a hash that is malformed."""
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in stored.split("$"))
    except ValueError:
        return False
    return hmac.compare_digest(hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT), digest)


def read_private(path: Path) -> bytes:
    """A file that must not be open to others.

    Raises:
        StorageError: it is missing, or others may read it.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise StorageError("others may read this file", where=str(path), fix=f"chmod 600 {path.name}")
        return path.read_bytes()
    except OSError:
        raise StorageError("can't be read", where=str(path), fix="make keys with 'chemwright lab certificates', or name their folder") from None
