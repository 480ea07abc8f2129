"""Measures signing: RSA-2048 and P-256, one and two signatures a letter.

Run from the top folder: ``python benchmarks/signing.py [LETTERS]``. The letters are two pages of
text set by WeasyPrint; only preparing, signing and verifying are measured.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import weasyprint

from outreach_merge.sign.fields import SignatureField, prepare_fields
from outreach_merge.sign.keys import FileKey
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases, Secret
from outreach_merge.sign.signing import LetterSigner
from outreach_merge.sign.specimen import SpecimenAuthority, p256_key, rsa_key
from outreach_merge.sign.verifying import verify

_Result = TypeVar("_Result")
_SECRET = Secret("benchmark")
_FIELDS = (
    SignatureField("first", "Signature of the first", -1, (70, 300, 270, 365)),
    SignatureField("second", "Signature of the second", -1, (320, 300, 520, 365)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("letters", type=int, nargs="?", default=200)
    count: int = parser.parse_args().letters
    bare = _letter()
    print(
        f"{count} letters of {len(bare) / 1000:.0f} kB; "
        "milliseconds: median, 95th percentile, processor"
    )
    one = _measured("prepare one field", count, lambda: prepare_fields(bare, _FIELDS[:1]))
    two = _measured("prepare two fields", count, lambda: prepare_fields(bare, _FIELDS))
    now = dt.datetime.now(dt.UTC)
    authority = SpecimenAuthority(now)
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("RSA-2048", rsa_key), ("P-256", p256_key)):
            pens = [_pen(Path(folder), authority, key, make, now) for key in ("first", "second")]
            _measured(f"{name}, the only signature", count, lambda: pens[0].sign(one).pdf)  # noqa: B023
            half = _measured(f"{name}, first of two", count, lambda: pens[0].sign(two).pdf)  # noqa: B023
            full = _measured(f"{name}, second of two", count, lambda: pens[1].sign(half).pdf)  # noqa: B023
            _run(f"{name}, one signature", count, pens[:1], one)
            _run(f"{name}, two signatures", count, pens, two)
            for pen in pens:
                pen.close()
        trust = [authority.certificate]
        _measured("verify two signatures", count, lambda: verify(full, trust=trust, now=now))


def _letter() -> bytes:
    paragraph = "<p>" + "We have the honour to write to you of the Arms Trade Treaty. " * 9 + "</p>"
    html = f'<html lang="en"><title>Letter</title><body>{paragraph * 12}</body></html>'
    return bytes(weasyprint.HTML(string=html).write_pdf(pdf_variant="pdf/a-3a"))


def _pen(
    folder: Path,
    authority: SpecimenAuthority,
    key: str,
    make: Callable[[], object],
    now: dt.datetime,
) -> LetterSigner:
    identity = authority.issue(key, make())  # type: ignore[arg-type]
    path = folder / f"{key}.p12"
    path.write_bytes(identity.pkcs12(authority.certificate, _SECRET))
    return LetterSigner(open_key(FileKey(path), key, Passphrases(lines=[_SECRET]), now=now))


def _measured(what: str, count: int, work: Callable[[], _Result]) -> _Result:
    """Do it ``count`` times and print how long one takes."""
    result, times = work(), []
    started = time.process_time()
    for _ in range(count):
        start = time.perf_counter()
        result = work()
        times.append(1000 * (time.perf_counter() - start))
    busy = 1000 * (time.process_time() - started) / count
    late = statistics.quantiles(times, n=20)[-1]
    print(f"{what:<28} {statistics.median(times):6.1f} {late:6.1f} {busy:6.1f}")
    return result


def _run(what: str, count: int, pens: Sequence[LetterSigner], letter: bytes) -> None:
    """A whole run: every letter, every signature."""
    start = time.perf_counter()
    for _ in range(count):
        signed = letter
        for pen in pens:
            signed = pen.sign(signed).pdf
    seconds = time.perf_counter() - start
    print(f"{what + f', {count} letters':<40} {seconds:.2f} s, {count / seconds:.0f} letters/s")


if __name__ == "__main__":
    main()
