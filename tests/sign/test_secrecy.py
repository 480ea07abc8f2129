"""Nobody is shown a pass phrase: not in a log, not in a traceback with all its variables."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from outreach_merge.errors import SigningError
from outreach_merge.sign.keys import FileKey
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases, Secret
from outreach_merge.sign.signing import LetterSigner
from outreach_merge.sign.specimen import p256_key
from outreach_merge.sign.timestamps import TimestampServer
from sign.helpers import PASSPHRASE, Pki, given_passphrase


def everything_said(error: BaseException) -> str:
    """A traceback as the most talkative of reporters prints it: every variable of every frame."""
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        parts.append(
            "".join(
                traceback.TracebackException.from_exception(
                    seen, capture_locals=True, compact=False
                ).format()
            )
        )
        parts.append(repr(seen.args))
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r:>40}".format, "%s".__mod__])
def test_secret_is_not_shown(show: Callable[[Secret], str]) -> None:
    assert PASSPHRASE not in show(Secret(PASSPHRASE))


def test_secret_does_not_leave_the_process() -> None:
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="does not leave"):
            leave(Secret(PASSPHRASE))


def test_what_holds_secrets_does_not_show_them(pki: Pki, now: Any) -> None:
    environ = {"OUTREACH_PASSPHRASE": PASSPHRASE}
    passphrases = Passphrases(lines=[Secret(PASSPHRASE)], environ=environ)
    key = open_key(FileKey(pki.file("president")), "president", given_passphrase(), now=now)
    with LetterSigner(key) as signer:
        shown = repr((passphrases, vars(passphrases), key, signer, vars(signer), pki.identities))
    assert PASSPHRASE not in shown
    assert "PRIVATE" not in shown


def _wrong_for_p12(pki: Pki, now: Any, folder: Any) -> None:
    identity = pki.authority.issue("Somebody", p256_key())
    path = folder / "other.p12"
    path.write_bytes(identity.pkcs12(pki.authority.certificate, Secret("another")))
    open_key(FileKey(path), "president", given_passphrase(), now=now)


def _wrong_for_pem(pki: Pki, now: Any, folder: Any) -> None:
    path = folder / "other.pem"
    path.write_bytes(
        p256_key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"another"),
        )
    )
    open_key(FileKey(path), "president", given_passphrase(), now=now)


def _wrong_for_token(pki: Pki, now: Any, folder: Any) -> None:
    pytest.importorskip("pkcs11")
    from outreach_merge.sign.keys import TokenKey

    open_key(TokenKey(folder / "no.so", label="x"), "president", given_passphrase(), now=now)


def _right_but_no_certificate(pki: Pki, now: Any, folder: Any) -> None:
    path = folder / "alone.pem"
    path.write_bytes(
        p256_key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSPHRASE.encode()),
        )
    )
    open_key(FileKey(path), "president", given_passphrase(), now=now)


def _right_but_no_time_stamp(pki: Pki, now: Any, folder: Any) -> None:
    from outreach_merge.sign.fields import prepare_fields
    from sign.helpers import FIELDS, typeset

    key = open_key(FileKey(pki.file("president")), "president", given_passphrase(), now=now)
    server = TimestampServer("http://127.0.0.1:9/", timeout=1)
    with LetterSigner(key, timestamp=server) as signer:
        signer.sign(prepare_fields(typeset(), FIELDS[:1]))


@pytest.mark.parametrize(
    "go_wrong",
    [
        _wrong_for_p12,
        _wrong_for_pem,
        _wrong_for_token,
        _right_but_no_certificate,
        _right_but_no_time_stamp,
    ],
)
def test_no_pass_phrase_in_logs_or_tracebacks(
    go_wrong: Callable[..., None],
    pki: Pki,
    now: Any,
    tmp_path: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SigningError) as caught:
        go_wrong(pki, now, tmp_path)
    said = everything_said(caught.value) + caplog.text
    assert "SigningError" in repr(type(caught.value).__mro__)
    # The test's own frames name it; what is looked at is the program's.
    ours = [line for line in said.splitlines() if "PASSPHRASE" not in line]
    assert len(ours) > 10
    assert PASSPHRASE not in "\n".join(ours)
    assert PASSPHRASE.encode().hex() not in "\n".join(ours)
    assert repr(PASSPHRASE.encode())[2:-1] not in "\n".join(ours)
