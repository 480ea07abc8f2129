"""Opens a signatory's key. Only the main process does, once for each run."""

from __future__ import annotations

import datetime as dt

from outreach_merge.sign.certificates import check_certificate
from outreach_merge.sign.keyfiles import open_file_key
from outreach_merge.sign.keys import KeySource, SigningKey, TokenKey
from outreach_merge.sign.passphrase import Passphrases
from outreach_merge.sign.signing_errors import CertificateNotUsable
from outreach_merge.sign.tokens import open_token_key


def open_key(
    source: KeySource, signatory: str, passphrases: Passphrases, *, now: dt.datetime
) -> SigningKey:
    """Open a signatory's key and check that its certificate may sign letters now.

    :param now: with a time zone.
    :raises KeyNotUsable: the file is absent or no key, or key and certificate do not match.
    :raises PassphraseWrong: after the last attempt.
    :raises PassphraseMissing: when there was no pass phrase to try.
    :raises CertificateNotUsable: expired, not yet valid, or not for signing.
    :raises TokenNotUsable: no such token, or not exactly one key of that name on it.
    """
    if isinstance(source, TokenKey):
        key = open_token_key(source, signatory, passphrases)
    else:
        key = open_file_key(source, signatory, passphrases)
    try:
        check_certificate(key.certificate, now=now)
    except CertificateNotUsable:
        key.close()
        raise
    return key
