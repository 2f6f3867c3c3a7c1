"""Field encryption and keyed hashes, with keys that can be rotated.

The first secret key encrypts and hashes; every key decrypts and is tried when a handle is looked up.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpline.errors import SettingsError

_CANNOT_OPEN = "A stored text cannot be opened: put the old key back last in HELPLINE_SECRET_KEYS."


def _derive(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that no two uses share key material (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"helpline {purpose}".encode()).derive(secret.encode())


class Keyring:
    """Seals, opens and hashes under the installation's secret keys."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise SettingsError("HELPLINE_SECRET_KEYS: at least one key is needed.")
        fernets = [Fernet(urlsafe_b64encode(_derive(secret, "fields"))) for secret in secrets]
        self._first, self._fernet = fernets[0], MultiFernet(fernets)
        self._hash_keys = [_derive(secret, "handles") for secret in secrets]

    def seal(self, text: str) -> bytes:
        """The text, encrypted under the first key. NUL and lone surrogates survive the round."""
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass"))

    def open(self, sealed: bytes) -> str:
        """The text again.

        Raises:
            SettingsError: none of the keys fits; a key was taken away too early.
        """
        try:
            return self._fernet.decrypt(sealed).decode("utf-8", "surrogatepass")
        except InvalidToken as error:
            raise SettingsError(_CANNOT_OPEN) from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the text is sealed under the first key."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: bytes) -> bytes:
        """The same text under the first key, for rotation.

        Raises:
            SettingsError: none of the keys fits.
        """
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise SettingsError(_CANNOT_OPEN) from error

    def handle_hashes(self, channel_kind: str, handle: str) -> list[bytes]:
        """The keyed hash of a handle under every key, the current one first (HMAC-SHA-256)."""
        words = f"{channel_kind}:{handle}".encode()
        return [hmac.new(key, words, hashlib.sha256).digest() for key in self._hash_keys]


def token_hash(token: str) -> bytes:
    """How a random token of ours (sign-in, bearer) is stored: long and random, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()
